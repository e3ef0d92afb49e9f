/** A run is named by its local time: `2026-11-20_14-02-11`. It is its folder's name too, so it sorts by age. */
export function runIdAt(time: Date, taken: (id: string) => boolean): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const id = `${day}_${two(time.getHours())}-${two(time.getMinutes())}-${two(time.getSeconds())}`;
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? id : `${id}-${i}`;
    if (!taken(candidate)) return candidate;
  }
}

/** How people call it: the time today, the day as well otherwise. */
export function runLabel(runId: string, today: Date): string {
  const match = /^(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)(?:-(\d+))?$/.exec(runId);
  if (!match) return runId;
  const [, day, hours, minutes, seconds, number] = match;
  const time = `${hours}:${minutes}:${seconds}${number ? ` (${number})` : ''}`;
  return runIdAt(today, () => false).startsWith(day!) ? time : `${day} ${time}`;
}

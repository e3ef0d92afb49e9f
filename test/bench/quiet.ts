import fs from 'node:fs';

/** Shares of one core that others may use while a gate waits, and while a measurement counts as clean. */
const QUIET = 0.25;
const CLEAN = 0.12;

/** Milliseconds of a look at the machine, and of the longest wait for it to be quiet. */
const LOOK = 60;
const PATIENCE = 400;

/** What others do on this machine, from /proc; elsewhere nothing is known and nothing is waited for. */
export class Quiet {
  private readonly known = process.platform === 'linux' && fs.existsSync('/proc/stat');

  /** `own` are processes whose time is ours; `budget` is how long all waits together may take, in milliseconds. */
  constructor(
    private readonly own: () => readonly number[],
    private budget: number,
  ) {}

  /** Waits until others use little, though not for ever. */
  async wait(): Promise<void> {
    if (!this.known) return;
    const start = performance.now();
    const patience = Math.min(PATIENCE, this.budget);
    while (performance.now() - start < patience) {
      const look = this.begin();
      await new Promise(resolve => setTimeout(resolve, LOOK));
      if (this.others(look) < QUIET) break;
    }
    this.budget -= performance.now() - start;
  }

  /** Whether there is time to wait for a better moment. */
  get isPatient(): boolean {
    return this.budget > 0;
  }

  begin(): Look {
    return this.known
      ? { at: performance.now(), busy: machineBusy(), own: this.ownTime() }
      : { at: 0, busy: 0, own: 0 };
  }

  /** Whether others have kept away since. */
  isClean(since: Look): boolean {
    return !this.known || this.others(since) < CLEAN;
  }

  /** Cores that others have used on average since. */
  private others(since: Look): number {
    const now = this.begin();
    return (now.busy - since.busy - (now.own - since.own)) / Math.max(1, now.at - since.at);
  }

  private ownTime(): number {
    return [process.pid, ...this.own()].reduce((sum, pid) => sum + processTime(pid), 0);
  }
}

export interface Look {
  readonly at: number;
  readonly busy: number;
  readonly own: number;
}

/** A tick of the kernel's accounting, in milliseconds. */
const TICK = 10;

/** Milliseconds that all cores together have worked. */
function machineBusy(): number {
  const [first = ''] = fs.readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user, nice, system, , , interrupts, soft, stolen] = first.trim().split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + interrupts! + soft! + stolen!) * TICK;
}

function processTime(pid: number): number {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return 0; // The process has ended.
  }
}

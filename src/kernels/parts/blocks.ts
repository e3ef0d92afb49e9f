/** Runs of bytes or of 4-byte elements that do not overlap, mostly too short for the memory instructions to pay. */

const LONG: i32 = 256;

export function copyBytes(to: usize, from: usize, bytes: i32): void {
  if (bytes >= LONG) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to + 4 <= end; to += 4, from += 4) store<u32>(to, load<u32>(from));
  for (; to < end; to++, from++) store<u8>(to, load<u8>(from));
}

/** `to += from` */
export function addFloats(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** `to += from`, which wraps around. */
export function addInts(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, i32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<i32>(to, load<i32>(to) + load<i32>(from));
}

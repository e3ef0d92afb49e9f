/**
 * Megabytes of stack of a thread that lowers models: a thousand calls within calls take two to ten, by what the called
 * function looks like. Only what is used of it becomes memory.
 */
export const ROOMY_STACK_MEGABYTES = 32;

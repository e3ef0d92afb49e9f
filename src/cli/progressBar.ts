import { formatNumber, formatSeconds } from '../drawing/numbers';
import { cutTo, displayWidth } from './table';
import type { Terminal } from './terminal';

export interface Progress {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly seconds: number;
}

const WIDTH = 24;
const INTERVAL_MILLISECONDS = 100;
const CLEAR = '\r\u001b[K';

/** One line on standard error that is drawn over and over; nothing where nobody watches. */
export class ProgressBar {
  private drawnAt = Number.NEGATIVE_INFINITY;
  private drawn = false;

  constructor(private readonly terminal: Terminal) {}

  show(progress: Progress): void {
    const { terminal } = this;
    const now = performance.now();
    if (!terminal.live || now - this.drawnAt < INTERVAL_MILLISECONDS) return;
    this.drawnAt = now;
    this.drawn = true;
    terminal.err(`${CLEAR}${progressLine(progress, terminal)}`);
  }

  /** Before anything else is written, and at the end. */
  clear(): void {
    if (this.drawn) this.terminal.err(CLEAR);
    this.drawn = false;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }
}

function progressLine(progress: Progress, { errStyle, columns }: Terminal): string {
  const { step, totalSteps, epoch, loss, learningRate, seconds } = progress;
  const share = totalSteps > 0 ? step / totalSteps : 1;
  const filled = Math.round(share * WIDTH);
  const left = step > 0 ? (seconds / step) * (totalSteps - step) : 0;
  const figures = [
    `step ${step}/${totalSteps}`,
    `epoch ${epoch + 1}`,
    `loss ${formatNumber(loss)}`,
    `rate ${formatNumber(learningRate)}`,
    `${formatSeconds(left)} left`,
  ].join('  ');
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const bar = `${errStyle.green('━'.repeat(filled))}${errStyle.dim('─'.repeat(WIDTH - filled))}`;
  const room = Math.max(0, columns - WIDTH - displayWidth(percent) - 4);
  return `${bar} ${percent}  ${cutTo(figures, room)}`;
}

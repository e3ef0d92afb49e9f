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

/** Where a training is, in steps. */
interface RunPlace {
  readonly stepsDone: number;
  readonly totalSteps: number;
}

const WIDTH = 24;
const INTERVAL_MILLISECONDS = 100;
const CLEAR = '\r\u001b[K';

/** One line on standard error that is drawn over and over; nothing where nobody watches. */
export class ProgressBar {
  private drawnAt = Number.NEGATIVE_INFINITY;
  private drawn = false;

  constructor(private readonly terminal: Terminal) {}

  /** A training. */
  show({ step, totalSteps, epoch, loss, learningRate, seconds }: Progress): void {
    const figures = [
      `step ${step}/${totalSteps}`,
      `epoch ${epoch + 1}`,
      `loss ${formatNumber(loss)}`,
      `rate ${formatNumber(learningRate)}`,
    ];
    this.share(totalSteps > 0 ? step / totalSteps : 1, figures, seconds);
  }

  /** A step that takes long. */
  within(share: number, { stepsDone, totalSteps }: RunPlace, seconds: number): void {
    const figures = [`step ${stepsDone + 1}/${totalSteps}`, `${Math.floor(share * 100)} % of it`];
    this.share((stepsDone + share) / totalSteps, figures, seconds);
  }

  /** Any work of which a share is done after so many seconds. */
  share(share: number, figures: readonly string[], seconds: number): void {
    const { terminal } = this;
    const now = performance.now();
    if (!terminal.live || now - this.drawnAt < INTERVAL_MILLISECONDS) return;
    this.drawnAt = now;
    this.drawn = true;
    const left = share > 0 ? (seconds / share) * (1 - share) : 0;
    const text = [...figures, `${formatSeconds(left)} left`].join('  ');
    terminal.err(`${CLEAR}${progressLine(share, text, terminal)}`);
  }

  /** Before anything else is written, and at the end. */
  clear(): void {
    if (this.drawn) this.terminal.err(CLEAR);
    this.drawn = false;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }
}

function progressLine(share: number, figures: string, { errStyle, columns }: Terminal): string {
  const filled = Math.round(share * WIDTH);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const bar = `${errStyle.green('━'.repeat(filled))}${errStyle.dim('─'.repeat(WIDTH - filled))}`;
  const room = Math.max(0, columns - WIDTH - displayWidth(percent) - 4);
  return `${bar} ${percent}  ${cutTo(figures, room)}`;
}

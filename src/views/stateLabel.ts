import type { StateInfo } from '../worker/protocol';
import type { ShownState } from './protocol';
import { runLabel } from './runs/runName';

/** Names the one state that everything on screen shows. */
export function describeState(state: StateInfo, today = new Date()): ShownState {
  const { runId, step, seed } = state;
  const label =
    runId === undefined
      ? `initial, seed ${seed}`
      : `${step === undefined ? 'latest step' : `step ${step}`} of run ${runLabel(runId, today)}`;
  return {
    label,
    rows: describeRows(state),
    ...(runId === undefined ? {} : { runId }),
    ...(step === undefined ? {} : { step }),
  };
}

/** `150 rows`, `32 of 1797 rows`; nothing for a model without data. */
function describeRows({ rows, totalRows }: StateInfo): string {
  if (totalRows === 0) return '';
  const all = `${totalRows} ${totalRows === 1 ? 'row' : 'rows'}`;
  return rows === totalRows ? all : `${rows} of ${all}`;
}

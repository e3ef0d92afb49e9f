/** Every name that the manifest and the code share, once. A test holds `package.json` against this file. */

export const languageId = 'nabla';

export const commands = {
  train: 'nabla.train',
  pause: 'nabla.pause',
  step: 'nabla.step',
  stop: 'nabla.stop',
  reset: 'nabla.reset',
  tune: 'nabla.tune',
  run: 'nabla.run',
  gradcheck: 'nabla.gradcheck',
  setObjective: 'nabla.setObjective',
  explainGradient: 'nabla.explainGradient',
  openGraph: 'nabla.openGraph',
  newModel: 'nabla.newModel',
  openCourse: 'nabla.openCourse',
  showState: 'nabla.showState',
  showLog: 'nabla.showLog',
  restartEngine: 'nabla.restartEngine',
  keepRun: 'nabla.keepRun',
  compareRuns: 'nabla.compareRuns',
  rerun: 'nabla.runs.rerun',
  resumeRun: 'nabla.runs.resume',
  revealRun: 'nabla.runs.reveal',
  openRunModel: 'nabla.runs.openModel',
  deleteRun: 'nabla.runs.delete',
  refreshRuns: 'nabla.runs.refresh',
} as const;

/** Commands that only our own links, items and lenses call; they are not in the manifest. */
export const internalCommands = {
  /** Offers what can be done now: the click on the status item. */
  actions: 'nabla.internal.actions',
  /** Selects a span of a document: `(uri, span)`. */
  reveal: 'nabla.internal.reveal',
} as const;

export const views = {
  container: 'nabla',
  graph: 'nabla.graph',
  parameters: 'nabla.parameters',
  runs: 'nabla.runs',
} as const;

/** The graph beside the editor. */
export const graphPanelType = 'nabla.graphPanel';

/** Read-only documents that describe a run. */
export const runScheme = 'nabla-run';

/** Read-only documents that list the trials of a search. */
export const trialsScheme = 'nabla-trials';

export const settings = {
  live: 'nabla.live',
  shapeHints: 'nabla.inlayHints.shapes',
  valueHints: 'nabla.inlayHints.values',
  memoryLimit: 'nabla.memoryLimit',
  backend: 'nabla.backend',
  threads: 'nabla.threads',
} as const;

export const contextKeys = {
  /** The model in the active editor is being trained. */
  training: 'nabla.training',
  /** Its training is paused. */
  paused: 'nabla.paused',
  /** At least one run is known. */
  hasRuns: 'nabla.hasRuns',
} as const;

/** What `viewItem` says of an item, for the menus. */
export const itemKinds = {
  parameter: 'parameter',
  activeRun: 'run.active',
  savedRun: 'run.saved',
  /** A run without a folder, such as one of an untitled file. */
  unsavedRun: 'run.unsaved',
} as const;

import { DataCache } from '../data/cache';
import { readCheckpoint } from '../training/checkpointFiles';
import type { ParameterValues } from '../training/initial';
import { Document } from './document';
import { checkGradients } from './gradcheckSession';
import { loadingLog } from './loadingLog';
import type { Event, Request, Responses } from './protocol';
import { TrainingSession } from './trainingSession';
import { tune } from './tuningSession';

export interface Engine {
  /** Answers one request; rejects with what went wrong. `cancelled` is read between steps of long work. */
  handle(request: Request, cancelled: () => boolean): Promise<Responses[Request['kind']]>;
}

/** Runs of closed documents keep their parameters until so many newer ones have come. */
const RUNS_KEPT = 20;

/** Tables of data that stay read. */
const TABLES_KEPT = 8;

/** The engine behind the protocol: knows documents and runs, and nothing of threads. */
export function createEngine(emit: (event: Event) => void): Engine {
  const data = new DataCache(TABLES_KEPT, loadingLog(emit));
  const documents = new Map<string, Document>();
  const runs = new Map<string, TrainingSession>();

  const findParameters = (
    runId: string,
    step: number | undefined,
  ): { step: number; values: ParameterValues } | undefined => runs.get(runId)?.parameters(step);

  const known = (uri: string): Document => {
    const document = documents.get(uri);
    if (!document) throw new Error('the document is not open');
    return document;
  };

  const opened = (uri: string): Document => {
    let document = documents.get(uri);
    if (!document) documents.set(uri, (document = new Document(data, findParameters)));
    return document;
  };

  const train = async (
    request: Request & { kind: 'train' },
    cancelled: () => boolean,
  ): Promise<Responses['train']> => {
    const loaded = known(request.uri).at(request.version);
    const { from } = request.run;
    const resume = from && (await readCheckpoint(from.folder));
    const session = new TrainingSession(loaded, request.run, emit, cancelled, resume);
    runs.set(request.run.runId, session);
    for (const oldest of runs.keys()) {
      if (runs.size <= RUNS_KEPT) break;
      runs.delete(oldest);
    }
    return session.train();
  };

  return {
    async handle(request, cancelled) {
      switch (request.kind) {
        case 'analyze':
          return opened(request.document.uri).analyze(request.document, request.values, cancelled);
        case 'close':
          documents.delete(request.uri);
          return null;
        case 'inspect':
          return known(request.uri).inspect(request.version, request.node, request.values);
        case 'picture':
          return known(request.uri).picture(request.version);
        case 'values':
          return known(request.uri).values(request.version);
        case 'explain':
          return known(request.uri).explain(request.version, request.node);
        case 'objective':
          known(request.uri).setObjective(request.version, request.node);
          return null;
        case 'gradcheck':
          return checkGradients(known(request.uri).gradcheck(request.version), request.uri, emit, cancelled);
        case 'train':
          return train(request, cancelled);
        case 'tune': {
          const loaded = known(request.uri).at(request.version);
          await tune(loaded, request, emit, cancelled);
          return null;
        }
        case 'steer':
          runs.get(request.runId)?.steer(request.action);
          return null;
        case 'show':
          known(request.uri).show(request.state);
          return null;
        default:
          return request satisfies never;
      }
    },
  };
}

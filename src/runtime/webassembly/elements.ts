import type { DType } from '../../graph/types';
import type { Expression, LoopKernel } from '../javascript/expression';
import type { Body, Term } from './body';
import { floatConstant, intConstant, localGet, localSet, vector } from './instructions';
import { type LibraryCall, laneCode, laneMask, type Operand, Unsupported } from './lanes';
import { type Code, V128 } from './module';
import type { Lanes, Places } from './places';
import { LANES } from './schedule';

/** Computes expressions at four positions at a time. */
export class Elements {
  /** Lanes, over all positions, in which JavaScript has to go on. */
  gaveUp: number | undefined;
  /** What has been computed at the position under way. */
  private readonly computed = new Map<Expression, Term>();
  private core: Term | undefined;

  constructor(
    private readonly kernel: LoopKernel,
    private readonly body: Body,
    private readonly places: Places,
    private readonly library: LibraryCall,
  ) {}

  /** The local that holds `expression`; `core` is the finished accumulator. */
  at(expression: Expression, lanes: Lanes, core?: Term): number {
    this.computed.clear();
    this.core = core;
    return this.term(expression, lanes).local;
  }

  private term(expression: Expression, lanes: Lanes): Term {
    let term = this.computed.get(expression);
    if (!term) this.computed.set(expression, (term = this.compute(expression, lanes)));
    return term;
  }

  private compute(expression: Expression, lanes: Lanes): Term {
    switch (expression.kind) {
      case 'literal':
        return this.body.named(literalCode(expression.value, expression.dtype), 0);
      case 'core':
        return this.core!;
      case 'index':
        return this.places.index(expression.at, lanes);
      case 'load':
        return this.places.load(expression, lanes);
      case 'scalar': {
        let depth = 0;
        const operands = expression.operands.map((operand): Operand => {
          const term = this.term(operand, lanes);
          depth = Math.max(depth, term.depth);
          return {
            dtype: dtypeOf(operand, this.kernel),
            code: localGet(term.local),
            literal: operand.kind === 'literal' ? operand.value : undefined,
          };
        });
        const giveUp = (mask: Code): void => this.giveUp(mask, depth, lanes);
        const code = laneCode(expression.value, operands, this.library, giveUp);
        if (!code) throw new Unsupported(expression.value.op);
        return this.body.named(code, depth);
      }
    }
  }

  private giveUp(mask: Code, depth: number, lanes: Lanes): void {
    this.gaveUp ??= this.body.local(V128);
    const own = localGet(this.body.named(mask, depth).local);
    // Lanes beyond the end hold anything.
    const valid = [...own, ...laneMask(lanes.axis < 0 ? LANES : lanes.valid), ...vector('and')];
    this.body.emit(localGet(this.gaveUp), valid, vector('or'), localSet(this.gaveUp));
  }
}

export function dtypeOf(expression: Expression, kernel?: LoopKernel): DType {
  switch (expression.kind) {
    case 'index':
      return 'int';
    case 'scalar':
      return expression.value.dtype;
    case 'core':
      return kernel!.core!.value.dtype;
    default:
      return expression.dtype;
  }
}

function literalCode(value: number, dtype: DType): Code {
  if (dtype === 'float') return floatConstant(value);
  return intConstant(dtype === 'bool' ? -Math.sign(value) : value);
}

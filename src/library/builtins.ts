import type { Implementation } from './call';
import { classical } from './classical';
import { elementwise } from './elementwise';
import { linearAlgebra } from './linearAlgebra';
import { losses, penalties } from './losses';
import { metrics } from './metrics';
import { layers, neural } from './neural';
import { preprocessing } from './preprocessing';
import { reductions } from './reductions';
import { shapes } from './shapes';

/** How each built-in function makes its value, by name. Its signature is in `signatures`. */
export const builtins: Readonly<Record<string, Implementation>> = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...linearAlgebra,
  ...neural,
  ...layers,
  ...losses,
  ...penalties,
  ...metrics,
  ...classical,
  ...preprocessing,
};

import type { Direction, Point, RoutedEdge } from './layout';

/** Edges as smooth curves: quadratic splines that leave and arrive along the flow. */

/** Start, control points and end; between two control points the curve passes through their middle. */
export interface Curve {
  readonly start: Point;
  readonly controls: readonly Point[];
  readonly end: Point;
}

export function curveOf({ points }: RoutedEdge, direction: Direction): Curve {
  const turned = direction === 'right';
  const turn = ({ x, y }: Point): Point => (turned ? { x: y, y: x } : { x, y });
  const route = points.map(turn);
  const controls: Point[] = [];
  for (let i = 0; i + 1 < route.length; i++) {
    const [a, b] = [route[i]!, route[i + 1]!];
    if (i > 0) controls.push(a);
    if (Math.abs(a.x - b.x) < 0.5) continue;
    const middle = (a.y + b.y) / 2;
    controls.push({ x: a.x, y: middle }, { x: b.x, y: middle });
  }
  return { start: points[0]!, controls: controls.map(turn), end: points.at(-1)! };
}

/** What a canvas and a path in an SVG both have. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void;
}

export function traceCurve(pen: Pen, { start, controls, end }: Curve): void {
  pen.moveTo(start.x, start.y);
  if (controls.length === 0) pen.lineTo(end.x, end.y);
  controls.forEach((control, i) => {
    const next = controls[i + 1];
    const to = next ? { x: (control.x + next.x) / 2, y: (control.y + next.y) / 2 } : end;
    pen.quadraticCurveTo(control.x, control.y, to.x, to.y);
  });
}

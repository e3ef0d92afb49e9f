import cytoscape from 'cytoscape';
import { tagOf, tagWidth, titleOf } from '../src/drawing/card';
import type { GraphValues } from '../src/drawing/displayGraph';
import { element } from './dom';
import { graphStyle, sceneElements } from './graphStyle';
import type { Palette } from './painting';
import { type Scene, type SceneNode, type SceneValues, sceneValues } from './scene';
import type { Viewport } from './state';
import { ValuesLayer } from './valuesLayer';
import { step as stepFrom, type Towards } from './walk';

export interface GraphEvents {
  choose(node: number | null): void;
  toggleGroup(id: number): void;
  /** Absent: the picture fills the panel. */
  viewport(viewport?: Viewport): void;
  /** The keyboard has moved to a node. */
  announce(node: SceneNode): void;
  resized(): void;
}

/** Around a fitted picture; below it stands the key of colours. */
const margin = 22;
const keyHeight = 20;
const flowInterval = 60;
const zooms = { smallest: 0.02, largest: 4, fitted: 1.6, button: 1.3 };
/** Below this zoom a card shows less than all of it; in a side bar the whole picture is worth more. */
const legible = { roomy: 0.74, narrow: 0.45, narrowBelow: 420 };

/** The picture: cytoscape draws cards, lines and boxes and finds what the mouse is on; our layer paints the rest. */
export class GraphView {
  readonly root = element('div', {
    class: 'canvas',
    attributes: {
      tabindex: '0',
      role: 'application',
      'aria-label':
        'Computation graph. Arrow keys walk along its edges, Enter selects or opens, plus, minus and 0 zoom.',
    },
  });
  private readonly stage = element('div', { class: 'stage' });
  private readonly layer: ValuesLayer;
  private readonly cy: cytoscape.Core;
  private scene: Scene | undefined;
  private painted: SceneValues = { cards: new Map(), bands: new Map() };
  private cursor: string | undefined;
  private selected: ReadonlySet<string> = new Set();
  private selectedNode: number | undefined;
  private fitted = true;
  private moving = false;
  private flowing = false;
  private frame = 0;
  private flowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    palette: Palette,
    private readonly events: GraphEvents,
  ) {
    this.layer = new ValuesLayer(palette);
    this.root.append(this.layer.below, this.stage, this.layer.above);
    this.cy = cytoscape({
      container: this.stage,
      style: graphStyle(palette),
      layout: { name: 'preset' },
      minZoom: zooms.smallest,
      maxZoom: zooms.largest,
      autoungrabify: true,
      boxSelectionEnabled: false,
      selectionType: 'single',
    });
    this.cy.on('render', () => this.paintSoon());
    this.cy.on('viewport', () => this.moved());
    this.cy.on('tap', event => this.tapped(event));
    this.cy.on('mouseover', 'node', event => this.hover(event.target.id()));
    this.cy.on('mouseout', 'node', () => this.hover(undefined));
    this.cy.on('dbltap', 'node', event => this.openAt(event.target.id()));
    this.root.addEventListener('keydown', event => this.pressed(event));
    for (const event of ['focus', 'blur']) this.root.addEventListener(event, () => this.paintSoon());
    new ResizeObserver(() => this.resized()).observe(this.root);
  }

  get size(): { readonly width: number; readonly height: number } {
    return { width: this.root.clientWidth, height: this.root.clientHeight };
  }

  /** A new picture. `anchor` stays where it is on screen; without one the view is fitted or restored. */
  show(
    scene: Scene | undefined,
    values: GraphValues | undefined,
    viewport?: Viewport,
    anchor?: string,
  ): void {
    const before = anchor === undefined ? undefined : this.screenPosition(anchor);
    this.scene = scene;
    this.moving = true;
    this.cy.batch(() => {
      this.cy.elements().remove();
      if (scene) this.cy.add(sceneElements(scene));
    });
    const after = anchor === undefined ? undefined : this.screenPosition(anchor);
    if (before && after) {
      this.fitted = false;
      this.cy.panBy({ x: before.x - after.x, y: before.y - after.y });
      this.events.viewport(this.viewport());
    } else if (viewport) {
      this.fitted = false;
      this.cy.viewport(viewport);
    } else if (this.fitted) this.fit();
    this.moving = false;
    if (!scene?.nodes.some(({ node }) => node.key === this.cursor)) this.cursor = undefined;
    this.markSelection();
    this.setValues(values);
  }

  setValues(values: GraphValues | undefined): void {
    if (this.scene) this.painted = sceneValues(this.scene, values);
    this.paintSoon();
  }

  /** Outlines a node and its copies, or the closed group that hides it. */
  select(node: number | undefined): void {
    if (node === this.selectedNode) return;
    this.selectedNode = node;
    this.cursor = undefined;
    this.markSelection();
    const at = this.cursorNode();
    if (at && node !== undefined) this.reveal(at);
  }

  private markSelection(): void {
    const { scene, selectedNode: node } = this;
    const chosen = node === undefined ? [] : (scene?.nodes.filter(each => each.node.node.id === node) ?? []);
    const keys = chosen.map(each => each.node.key);
    const holder = node === undefined ? undefined : scene?.visible.holders.get(node);
    if (holder !== undefined && !keys.includes(holder)) keys.push(holder);
    this.selected = new Set(keys);
    this.cy.batch(() => {
      this.cy.elements('.near').removeClass('near');
      for (const key of keys) this.cy.getElementById(key).connectedEdges().addClass('near');
    });
    this.cursor ??= keys[0];
    this.paintSoon();
  }

  recolour(palette: Palette): void {
    this.layer.recolour(palette);
    this.cy.style(graphStyle(palette));
    this.paintSoon();
  }

  /** Dashes that run along the edges while values change; the caller has asked whether motion is wanted. */
  setFlowing(flowing: boolean): void {
    this.flowing = flowing;
    this.paintSoon();
  }

  /** The whole picture, or, when nobody asked for all of it, as much of it as can be read. */
  fit(whole = false): void {
    if (!this.scene) return;
    const { width, height } = this.size;
    const { layout } = this.scene;
    const room = { width, height: height - keyHeight };
    const all = Math.min(
      (room.width - 2 * margin) / Math.max(layout.width, 1),
      (room.height - 2 * margin) / Math.max(layout.height, 1),
      zooms.fitted,
    );
    if (!(all > 0)) return;
    const smallest = width < legible.narrowBelow ? legible.narrow : legible.roomy;
    const zoom = whole ? all : Math.max(all, smallest);
    const at = this.focus();
    this.moving = true;
    this.cy.viewport({
      zoom,
      pan: {
        x: offset(layout.width * zoom, room.width, at.x * zoom),
        y: offset(layout.height * zoom, room.height, at.y * zoom),
      },
    });
    this.moving = false;
    this.fitted = true;
    this.events.viewport();
  }

  /** What has to be in view when not all of the picture is: the selection, else where the gradient begins. */
  private focus(): { readonly x: number; readonly y: number } {
    const { scene } = this;
    const at = this.cursorNode() ?? scene?.nodes.find(({ node }) => node.node.id === scene.graph.objective);
    return at?.placed ?? { x: 0, y: 0 };
  }

  zoomBy(factor: number): void {
    const { width, height } = this.size;
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: { x: width / 2, y: height / 2 } });
  }

  zoomIn = (): void => this.zoomBy(zooms.button);
  zoomOut = (): void => this.zoomBy(1 / zooms.button);

  private viewport(): Viewport {
    return { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } };
  }

  private moved(): void {
    if (this.moving) return;
    this.fitted = false;
    this.events.viewport(this.viewport());
  }

  private resized(): void {
    const { width, height } = this.size;
    if (width === 0 || height === 0) return; // hidden
    this.layer.resize(width, height);
    this.moving = true;
    this.cy.resize();
    this.moving = false;
    if (this.fitted) this.fit();
    this.paint();
    this.events.resized();
  }

  private screenPosition(key: string): { readonly x: number; readonly y: number } | undefined {
    const found = this.cy.getElementById(key);
    return found.nonempty() ? { ...found.renderedPosition() } : undefined;
  }

  private tapped(event: cytoscape.EventObject): void {
    const target: unknown = event.target;
    if (target === this.cy) {
      this.events.choose(null);
      return;
    }
    const hit = event.target as cytoscape.SingularElementReturnValue;
    const key = hit.id();
    const found = this.scene?.nodes.find(each => each.node.key === key);
    const { x, y } = event.position;
    if (!found) {
      const box = this.scene?.boxes.find(each => each.placed.key === key);
      const inLabel = box && y < box.placed.y - box.placed.height / 2 + 26;
      if (inLabel) this.events.toggleGroup(box.box.group.id);
      return;
    }
    const { placed, node } = found;
    const onTag = x > placed.x + placed.width / 2 - tagWidth(node) && y < placed.y - placed.height / 2 + 24;
    if (node.group && onTag) this.events.toggleGroup(node.group.id);
    else this.events.choose(node.node.id);
    this.cursor = key; // the copy that was clicked, not the first one
  }

  /** A card may have cut its name. */
  private hover(key: string | undefined): void {
    const found = this.scene?.nodes.find(each => each.node.key === key)?.node;
    const facts = found && [titleOf(found), tagOf(found), found.group?.outline?.reason ?? found.node.shape];
    this.stage.title = facts?.filter(Boolean).join('  ') ?? '';
    this.stage.style.cursor = found ? 'pointer' : '';
  }

  private openAt(key: string): void {
    const group = this.scene?.nodes.find(each => each.node.key === key)?.node.group;
    if (group) this.events.toggleGroup(group.id);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const walks: Partial<Record<string, Towards>> = {
      ArrowUp: 'up',
      ArrowDown: 'down',
      ArrowLeft: 'left',
      ArrowRight: 'right',
    };
    const towards = walks[event.key];
    if (towards) this.walk(towards);
    else if (event.key === 'Enter' || event.key === ' ') this.enter();
    else if (event.key === 'Backspace') this.closeAround();
    else if (event.key === '+' || event.key === '=') this.zoomIn();
    else if (event.key === '-') this.zoomOut();
    else if (event.key === '0') this.fit(true);
    else if (event.key === 'Escape') this.events.choose(null);
    else return;
    event.preventDefault();
  }

  private walk(towards: Towards): void {
    if (!this.scene) return;
    const next = stepFrom(this.scene, this.cursor, towards);
    if (!next) return;
    this.cursor = next.node.key;
    this.reveal(next);
    this.events.announce(next);
    this.paintSoon();
  }

  private enter(): void {
    const at = this.cursorNode();
    if (!at) this.walk('down');
    else if (at.node.group && this.selectedNode === at.node.node.id)
      this.events.toggleGroup(at.node.group.id);
    else this.events.choose(at.node.node.id);
  }

  private closeAround(): void {
    const parent = this.cursorNode()?.node.parent;
    const box = this.scene?.boxes.find(each => each.placed.key === parent);
    if (box) this.events.toggleGroup(box.box.group.id);
  }

  private cursorNode(): SceneNode | undefined {
    return this.scene?.nodes.find(each => each.node.key === this.cursor);
  }

  /** Moves the view only as far as it takes to see the node. */
  private reveal({ placed }: SceneNode): void {
    const { zoom, pan } = this.viewport();
    const { width, height } = this.size;
    const shift = (centre: number, size: number, offset: number, room: number) => {
      const [low, high] = [(centre - size / 2) * zoom + offset, (centre + size / 2) * zoom + offset];
      return low < margin ? margin - low : high > room - margin ? room - margin - high : 0;
    };
    const x = shift(placed.x, placed.width, pan.x, width);
    const y = shift(placed.y, placed.height, pan.y, height);
    if (x !== 0 || y !== 0) this.cy.panBy({ x, y });
  }

  private paintSoon(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(time => {
      this.frame = 0;
      this.paint(time);
      if (this.showsFlow()) this.flowOn();
    });
  }

  /** Fewer frames than the screen has do for dashes, and leave time to what is being trained. */
  private flowOn(): void {
    clearTimeout(this.flowTimer);
    this.flowTimer = setTimeout(() => this.paintSoon(), flowInterval);
  }

  /** Motion costs a repaint each frame, and says nothing where lines are thin. */
  private showsFlow(): boolean {
    return this.flowing && this.cy.zoom() >= 0.5 && (this.scene?.edges.length ?? 0) <= 400;
  }

  private paint(time = 0): void {
    if (!this.scene) {
      this.layer.clear();
      return;
    }
    this.layer.paint(this.scene, this.painted, this.viewport(), {
      selected: this.selected,
      cursor: document.activeElement === this.root ? this.cursor : undefined,
      flow: this.showsFlow() ? (time / 30) % 16 : undefined,
    });
  }
}

/** Where one axis of the picture begins in the room for it: centred, or scrolled as far as `focus` needs. */
function offset(size: number, room: number, focus: number): number {
  if (size <= room - 2 * margin + 0.5) return (room - size) / 2;
  return Math.min(margin, Math.max(room - margin - size, room / 2 - focus));
}

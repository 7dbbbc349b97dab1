import { type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../../components/button.tsx';
import type { Resource } from '../../model/resource.ts';
import { cardHeight, edgePath, type Layout, layOut } from './layout.ts';
import { TreeCard } from './tree-card.tsx';

type TreeViewProps = {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
};

const zooms = { least: 0.4, most: 1.4, step: 0.15 } as const;

/** The application's objects as a tree that can be dragged and zoomed. */
export function TreeView({ name, resources, selected, onSelect }: TreeViewProps) {
  const [openGroups, setOpenGroups] = useState<ReadonlySet<string>>(new Set());
  const [chosenZoom, setZoom] = useState<number>();
  const [width, setWidth] = useState(0);
  const viewport = useRef<HTMLDivElement>(null);
  const drag = useDrag(viewport);
  const layout = useMemo(() => layOut(resources, openGroups), [resources, openGroups]);
  const zoom = chosenZoom ?? openingZoom(layout, width);
  const zoomBy = (step: number) =>
    setZoom((last = zoom) => Math.min(zooms.most, Math.max(zooms.least, last + step)));
  useWheelZoom(viewport, zoomBy);
  useLayoutEffect(() => setWidth(viewport.current?.clientWidth ?? 0), []);
  const fit = () => setZoom(fittingZoom(layout, viewport.current));
  return (
    <div className="tree">
      <div className="tree-tools">
        <IconButton icon="plus" label="Zoom in" onClick={() => zoomBy(zooms.step)} />
        <button type="button" className="tree-zoom" title="Fit the tree into view" onClick={fit}>
          {Math.round(zoom * 100)}%
        </button>
        <IconButton icon="minus" label="Zoom out" onClick={() => zoomBy(-zooms.step)} />
      </div>
      <div className="tree-viewport" ref={viewport} {...drag}>
        <div className="tree-canvas" style={{ width: layout.width * zoom, height: layout.height * zoom }}>
          <div
            className="tree-layer"
            style={{ width: layout.width, height: layout.height, transform: `scale(${zoom})` }}
          >
            <svg className="tree-edges" width={layout.width} height={layout.height} aria-hidden="true">
              {layout.edges.map((edge) => (
                <path key={`${edge.from.id} ${edge.to.id}`} d={edgePath(edge)} />
              ))}
            </svg>
            {layout.cards.map((card) => (
              <TreeCard
                key={card.id}
                card={card}
                name={name}
                selected={card.id !== '' && card.id === selected}
                onSelect={onSelect}
                onOpenGroup={(id) => setOpenGroups(new Set([...openGroups, id]))}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Narrowed so that all columns show, as long as the words can still be read. */
function openingZoom(layout: Layout, width: number): number {
  return Math.min(1, Math.max(0.75, (width - cardHeight) / layout.width));
}

function fittingZoom(layout: Layout, viewport: HTMLDivElement | null): number {
  if (viewport === null) return 1;
  const padding = cardHeight;
  const fitted = Math.min(
    1,
    (viewport.clientWidth - padding) / layout.width,
    (viewport.clientHeight - padding) / layout.height,
  );
  return Math.max(zooms.least, Math.round(fitted * 100) / 100);
}

type Ref<T> = { readonly current: T | null };

/** Dragging the ground scrolls it; cards keep their clicks. */
function useDrag(viewport: Ref<HTMLDivElement>) {
  const from = useRef<{ x: number; y: number; left: number; top: number }>(undefined);
  return {
    onPointerDown: (event: PointerEvent) => {
      const element = viewport.current;
      const onCard = event.target instanceof Element && event.target.closest('button') !== null;
      // Touch screens scroll by themselves.
      if (element === null || onCard || event.pointerType === 'touch') return;
      from.current = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
      element.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const start = from.current;
      if (start === undefined || viewport.current === null) return;
      viewport.current.scrollTo(start.left - event.clientX + start.x, start.top - event.clientY + start.y);
    },
    onPointerUp: () => {
      from.current = undefined;
    },
  };
}

function useWheelZoom(viewport: Ref<HTMLDivElement>, zoomBy: (step: number) => void) {
  useEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? zooms.step : -zooms.step);
    };
    // React's own wheel listener is passive and could not keep the browser from zooming the page.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [viewport, zoomBy]);
}

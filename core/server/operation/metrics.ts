/** Counters, gauges and histograms, and the text in which Prometheus reads them (exposition format 0.0.4). */

export type Labels = Readonly<Record<string, string>>;
/** What a gauge shows: one number, or one for each set of labels. */
export type Reading = number | Iterable<readonly [Labels, number]>;

/** Sets of labels that one counter holds; those beyond count as `other`. */
export const MAX_SERIES = 200;

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(): Iterable<readonly [suffix: string, labels: string, value: number]>;
}

export class Counter {
  readonly #values = new Map<string, number>();

  /** Counts one more under these labels. */
  add(labels: Labels = {}, amount = 1): void {
    const wanted = formatLabels(labels);
    const key = this.#values.has(wanted) || this.#values.size < MAX_SERIES ? wanted : formatLabels(others(labels));
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  /** What was counted under exactly these labels. */
  value(labels: Labels = {}): number {
    return this.#values.get(formatLabels(labels)) ?? 0;
  }

  get entries(): Iterable<readonly [string, number]> {
    return this.#values.size === 0 ? [["", 0]] : this.#values;
  }
}

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** `bounds` are upper ends, growing. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    for (const [index, bound] of this.#bounds.entries())
      if (value <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  *samples(): Generator<readonly [string, string, number]> {
    for (const [index, bound] of this.#bounds.entries())
      yield ["_bucket", formatLabels({ le: String(bound) }), this.#counts[index] ?? 0];
    yield ["_bucket", formatLabels({ le: "+Inf" }), this.#count];
    yield ["_sum", "", this.#sum];
    yield ["_count", "", this.#count];
  }
}

export class Metrics {
  readonly #families: Family[] = [];

  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.#families.push({
      name,
      help,
      type: "counter",
      *samples() {
        for (const [labels, value] of counter.entries) yield ["", labels, value];
      },
    });
    return counter;
  }

  /** `read` is called whenever somebody looks. */
  gauge(name: string, help: string, read: () => Reading): void {
    this.#families.push({
      name,
      help,
      type: "gauge",
      *samples() {
        const reading = read();
        if (typeof reading === "number") yield ["", "", reading];
        else for (const [labels, value] of reading) yield ["", formatLabels(labels), value];
      },
    });
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.#families.push({ name, help, type: "histogram", samples: () => histogram.samples() });
    return histogram;
  }

  /** Everything as text, each family with its help and type before it. */
  exposition(): string {
    let text = "";
    for (const { name, help, type, samples } of this.#families) {
      text += `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
      for (const [suffix, labels, value] of samples()) text += `${name}${suffix}${labels} ${value}\n`;
    }
    return text;
  }
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function others(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
}

/** Numbers of things by a name of theirs, as a gauge reads them. */
export function countBy<T>(things: Iterable<T>, labelsOf: (thing: T) => Labels): Reading {
  const counted = new Map<string, [Labels, number]>();
  for (const thing of things) {
    const labels = labelsOf(thing);
    const entry = counted.get(formatLabels(labels));
    if (entry) entry[1]++;
    else counted.set(formatLabels(labels), [labels, 1]);
  }
  return counted.values();
}

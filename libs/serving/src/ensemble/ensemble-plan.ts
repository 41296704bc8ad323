import { DomainError } from '@trivium/contracts';
import type { ModelManifest } from '@trivium/contracts/model-manifest';

export type EnsembleStep = NonNullable<ModelManifest['ensemble_scheduling']>['step'][number];

export interface PlannedStep {
  readonly index: number;
  readonly step: EnsembleStep;
  /** Indexes of the steps whose values it needs. */
  readonly after: readonly number[];
}

export const STEPS = 'ensemble_scheduling.step';

/** The steps of an ensemble's manifest; `invalid_request` for a model of another platform. */
export function stepsOf({ id, ensemble_scheduling: graph }: ModelManifest): readonly EnsembleStep[] {
  if (graph === undefined) {
    throw new DomainError('invalid_request', `${id} is no ensemble`, { param: 'ensemble_scheduling' });
  }
  return graph.step;
}

/**
 * Which step waits for which. Throws `invalid_request` for a value that nothing produces or two things
 * do, and for steps that wait for each other.
 */
export function planSteps(manifest: ModelManifest): readonly PlannedStep[] {
  const steps = stepsOf(manifest);
  const producers = producersOf(manifest, steps);
  const planned = steps.map((step, index) => ({
    index,
    step,
    after: [
      ...new Set(
        Object.entries(step.input_map).flatMap(([input, value]) => {
          const producer = producers.get(value);
          if (producer === undefined) {
            throw new DomainError('invalid_request', `Nothing produces the value '${value}'`, {
              param: `${STEPS}[${index}].input_map.${input}`,
            });
          }
          return producer === 'input' ? [] : [producer];
        }),
      ),
    ],
  }));
  refuseCycle(planned);
  return planned;
}

/** By value: the step that produces it, or `input` for the ensemble's own. */
export function producersOf(
  manifest: ModelManifest,
  steps: readonly EnsembleStep[],
): ReadonlyMap<string, number | 'input'> {
  const producers = new Map<string, number | 'input'>(manifest.input.map(({ name }) => [name, 'input']));
  steps.forEach((step, index) => {
    for (const [output, value] of Object.entries(step.output_map)) {
      const other = producers.get(value);
      if (other !== undefined) {
        throw new DomainError(
          'invalid_request',
          `The value '${value}' is produced already, by ${other === 'input' ? 'an input' : `step ${other}`}`,
          { param: `${STEPS}[${index}].output_map.${output}` },
        );
      }
      producers.set(value, index);
    }
  });
  return producers;
}

function refuseCycle(planned: readonly PlannedStep[]): void {
  const done = new Set<number>();
  for (;;) {
    const next = planned.filter(
      ({ index, after }) => !done.has(index) && after.every((one) => done.has(one)),
    );
    if (next.length === 0) break;
    for (const { index } of next) done.add(index);
  }
  const stuck = planned.find(({ index }) => !done.has(index));
  if (stuck === undefined) return;
  throw new DomainError(
    'invalid_request',
    `Steps wait for each other in a circle; step ${stuck.index} (${stuck.step.model_name}) is part of it or behind it`,
    { param: `${STEPS}[${stuck.index}].input_map` },
  );
}

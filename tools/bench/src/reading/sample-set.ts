import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FOLDER = fileURLToPath(new URL('../../../../samples/invoices', import.meta.url));

const Truth = z.object({
  split: z.enum(['clean', 'mild', 'hard']),
  fields: z.record(z.string(), z.string().nullable()),
  totalInWords: z.string(),
  items: z.array(z.record(z.string(), z.string().nullable())),
});

export interface Photo {
  readonly path: string;
  readonly split: z.output<typeof Truth>['split'];
  /** Every value that stands on the sheet, as it is printed. */
  readonly printed: readonly string[];
}

/** The committed photos of invoices: frozen, so that figures of different days compare. */
export async function loadPhotos(folder: string = FOLDER): Promise<Photo[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  return Promise.all(
    names.map(async (name) => {
      const json: unknown = JSON.parse(await readFile(join(folder, name.replace('.jpg', '.json')), 'utf8'));
      const truth = Truth.parse(json);
      return { path: join(folder, name), split: truth.split, printed: printedValues(truth) };
    }),
  );
}

function printedValues({ fields, totalInWords, items }: z.output<typeof Truth>): string[] {
  const { date, totalInWords: _normalised, ...others } = fields;
  const [year, month, day] = date?.split('-') ?? [];
  const values = [
    ...Object.values(others),
    totalInWords,
    ...(day === undefined ? [] : [`${year}年${month}月${day}日`]),
    ...items.flatMap((item) => Object.values(item)),
  ];
  return values.filter((value) => value !== null);
}

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take a minute or more, whatever their size says. */
const longest = /\/test\/(?:chaos\/process-crash|guide\/guide|integration\/local\/up)\.test\.ts$/;

/** Begins with the files that take longest: one that began last would go on alone while other processors do nothing. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // By what they took the last time, or by size on a machine that has not run them yet.
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

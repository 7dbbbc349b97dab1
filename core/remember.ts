/**
 * Answers by what they are about, each made once. At `most` of them all are forgotten: texts that somebody makes up
 * can't fill the memory, and the real ones are soon made again.
 */
export function remember<T>(most: number): (key: string, make: () => T) => T {
  const answers = new Map<string, { readonly answer: T }>();
  return (key, make) => {
    const known = answers.get(key);
    if (known !== undefined) return known.answer;
    const answer = make();
    if (answers.size >= most) answers.clear();
    answers.set(key, { answer });
    return answer;
  };
}

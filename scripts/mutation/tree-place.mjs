import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

export const FOLDER = join(ROOT, '.sluice', 'mutation');
export const TREE = join(FOLDER, 'tree');

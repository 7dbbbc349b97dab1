import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` of the UI finds a running server; the built pages talk to the origin they came from. */
const devServer = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  // Relative to the page's base element, so the server can mount the UI below any path by rewriting that one tag.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    // A source map would double what the package carries; the sources are public.
    sourcemap: false,
  },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': devServer, '/auth': devServer } },
});

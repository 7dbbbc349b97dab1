import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/states.css';
import './styles/table.css';
import './styles/dialog.css';
import './styles/shell.css';
import './styles/list.css';
import './styles/detail.css';
import './styles/sync.css';
import './styles/tree.css';
import './styles/diff.css';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);

argocd app diff my-app
argocd app get my-app --hard-refresh
argocd app sync my-app --loglevel debug
argocd cluster list

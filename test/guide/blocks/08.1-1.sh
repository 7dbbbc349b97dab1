argocd app sync my-application
argocd app sync my-application \
  --resource ':Deployment:my-app' \
  --resource ':Service:my-app-svc'
argocd app sync my-application --dry-run

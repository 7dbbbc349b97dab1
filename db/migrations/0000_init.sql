CREATE SEQUENCE "public"."resource_version_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "applications" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"project" text NOT NULL,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"annotations" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"finalizers" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"spec" jsonb NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"resource_version" bigint DEFAULT nextval('resource_version_seq') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deletion_requested_at" timestamp with time zone,
	"cluster_id" uuid,
	"desired_render_id" uuid,
	"desired_revision" text,
	"render_error" text,
	"sync_status" text DEFAULT 'Unknown' NOT NULL,
	"health_status" text DEFAULT 'Unknown' NOT NULL,
	"health_message" text,
	"conditions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"resources" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"summary" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"source_type" text,
	"reconciled_at" timestamp with time zone,
	"session_epoch" bigint,
	"self_heal_attempts" integer DEFAULT 0 NOT NULL,
	"self_heal_retry_at" timestamp with time zone,
	CONSTRAINT "applications_name" UNIQUE("namespace","name")
);
--> statement-breakpoint
CREATE TABLE "dirty" (
	"application_id" uuid PRIMARY KEY NOT NULL,
	"generation" bigint DEFAULT 1 NOT NULL,
	"rendered_generation" bigint DEFAULT 0 NOT NULL,
	"compared_generation" bigint DEFAULT 0 NOT NULL,
	"hard" integer DEFAULT 0 NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "resource_nodes" (
	"application_id" uuid NOT NULL,
	"node_id" text NOT NULL,
	"node" jsonb NOT NULL,
	"epoch" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "resource_nodes_key" UNIQUE("application_id","node_id")
);
--> statement-breakpoint
CREATE TABLE "cluster_sessions" (
	"cluster_id" uuid PRIMARY KEY NOT NULL,
	"epoch" bigint NOT NULL,
	"owner" text NOT NULL,
	"version" text NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL,
	"synced_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "clusters" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"server" text NOT NULL,
	"credentials" "bytea" NOT NULL,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"annotations" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"namespaces" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"cluster_resources" boolean DEFAULT true NOT NULL,
	"project" text,
	"capabilities" jsonb,
	"connection_status" text DEFAULT 'Unknown' NOT NULL,
	"connection_message" text DEFAULT '' NOT NULL,
	"connection_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "clusters_name_unique" UNIQUE("name"),
	CONSTRAINT "clusters_server_unique" UNIQUE("server")
);
--> statement-breakpoint
CREATE TABLE "manifests" (
	"digest" text PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "renders" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"render_key" text NOT NULL,
	"revision" text NOT NULL,
	"source_type" text NOT NULL,
	"objects" jsonb NOT NULL,
	"warnings" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "renders_render_key_unique" UNIQUE("render_key")
);
--> statement-breakpoint
CREATE TABLE "fences" (
	"application_id" uuid PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"token" bigint NOT NULL,
	"open" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"application_id" uuid NOT NULL,
	"application_name" text NOT NULL,
	"kind" text NOT NULL,
	"phase" text DEFAULT 'Requested' NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"initiated_by" jsonb NOT NULL,
	"request" jsonb NOT NULL,
	"spec" jsonb NOT NULL,
	"cluster_id" uuid,
	"revision" text,
	"render_id" uuid,
	"attempt" integer DEFAULT 1 NOT NULL,
	"history_id" integer,
	"terminate_requested_at" timestamp with time zone,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"timings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "operations_history" UNIQUE("application_id","history_id")
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"operation_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"schema_version" integer NOT NULL,
	"digest" text NOT NULL,
	"plan" jsonb NOT NULL,
	"warnings" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "plans_operation_id_attempt_pk" PRIMARY KEY("operation_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "step_results" (
	"operation_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"step" integer NOT NULL,
	"status" text NOT NULL,
	"hook_phase" text NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"uid" text,
	"object_version" text,
	"started_at" timestamp with time zone NOT NULL,
	"applied_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "step_results_operation_id_attempt_step_pk" PRIMARY KEY("operation_id","attempt","step")
);
--> statement-breakpoint
CREATE TABLE "waits" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"operation_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"cluster_id" uuid,
	"kind" text NOT NULL,
	"phase" text DEFAULT '' NOT NULL,
	"wave" integer DEFAULT 0 NOT NULL,
	"steps" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"keys" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"reason" text NOT NULL,
	"deadline" timestamp with time zone,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"annotations" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"finalizers" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"spec" jsonb NOT NULL,
	"status" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"resource_version" bigint DEFAULT nextval('resource_version_seq') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "projects_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"object" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "changes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"topic" text NOT NULL,
	"application_id" uuid,
	"cluster_id" uuid,
	"final" jsonb,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revoked_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "repositories" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"url" text NOT NULL,
	"type" text DEFAULT 'git' NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"project" text DEFAULT '' NOT NULL,
	"credentials" "bytea",
	"refs" jsonb,
	"connection_status" text DEFAULT 'Unknown' NOT NULL,
	"connection_message" text DEFAULT '' NOT NULL,
	"connection_at" timestamp with time zone,
	"next_due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "repositories_url" UNIQUE("url","project")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"provider" text NOT NULL,
	"delivery_id" text NOT NULL,
	"repository_urls" jsonb NOT NULL,
	"ref" text NOT NULL,
	"default_branch" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_provider_delivery_id_pk" PRIMARY KEY("provider","delivery_id")
);
--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "public"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_desired_render_id_renders_id_fk" FOREIGN KEY ("desired_render_id") REFERENCES "public"."renders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dirty" ADD CONSTRAINT "dirty_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource_nodes" ADD CONSTRAINT "resource_nodes_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cluster_sessions" ADD CONSTRAINT "cluster_sessions_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "public"."clusters"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operations" ADD CONSTRAINT "operations_render_id_renders_id_fk" FOREIGN KEY ("render_id") REFERENCES "public"."renders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "plans_operation_id_operations_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "step_results" ADD CONSTRAINT "step_results_operation_id_operations_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waits" ADD CONSTRAINT "waits_operation_id_operations_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "applications_cluster" ON "applications" USING btree ("cluster_id");--> statement-breakpoint
CREATE UNIQUE INDEX "operations_one_live" ON "operations" USING btree ("application_id") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "operations_application" ON "operations" USING btree ("application_id","requested_at");--> statement-breakpoint
CREATE INDEX "operations_unfinished" ON "operations" USING btree ("requested_at") WHERE finished_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "waits_one_open" ON "waits" USING btree ("operation_id","attempt","kind","phase","wave") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "waits_open" ON "waits" USING btree ("cluster_id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "repositories_due" ON "repositories" USING btree ("next_due_at");
CREATE INDEX "operations_finished" ON "operations" USING btree ("finished_at") WHERE finished_at is not null;--> statement-breakpoint
CREATE INDEX "plans_created" ON "plans" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "waits_opened" ON "waits" USING btree ("opened_at");
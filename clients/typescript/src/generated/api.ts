/** Types of the API, generated from the description of a gateway (`npm run generate`). Never edited. */
export interface paths {
    "/v1/statements/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decision, masks, filters and, with the explain action, the secured plan. Runs nothing. */
        post: operations["explainStatement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decisions on objects, several at once. */
        post: operations["decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My statements, newest first: what runs where, and what it waits for. With all=true everybody's. */
        get: operations["listStatements"];
        put?: never;
        /** Run a statement; with Accept text/csv, application/x-ndjson, Arrow or Parquet the answer streams. */
        post: operations["runStatement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A statement; with ?wait=20s once it has ended or that time is over. */
        get: operations["getStatement"];
        put?: never;
        post?: never;
        /** Close and purge. */
        delete: operations["removeStatement"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel; again and again is the same as once. */
        post: operations["cancelStatement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/chunks/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One chunk of the result, repeatable until it expires. */
        get: operations["getChunk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole kept result on one connection, by Accept; with Range, from where a download broke. */
        get: operations["streamResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: state whenever it changes, progress while it runs. */
        get: operations["followStatement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/governance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was decided, and why. */
        get: operations["getGovernance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the engine runs it: its physical plan and stages. Needs the explain action on each of its tables. */
        get: operations["getPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/engines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Engines and how busy they are. */
        get: operations["listEngines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/engines/statements/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a statement, whoever's it is and whichever gateway runs it. Needs the administer action. */
        post: operations["cancelAnyStatement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tables that I may browse. */
        get: operations["listTables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/tables/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A table with its columns, as I would see them. */
        get: operations["getTable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/tables/{name}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set owner and tags of a table and its columns. */
        put: operations["setTableMetadata"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/tables/{name}/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Accept the columns of a table as they are. */
        put: operations["acceptTableSchema"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tags in use on what I may browse, and where. */
        get: operations["listTags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lineage/{object}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Columns that a table, column or result comes from, and what it reaches. */
        get: operations["getLineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lineage/{object}/impact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Columns that a change of a table, or of one of its columns, reaches. */
        get: operations["getImpact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lineage/{object}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the tags of a table have gone with its values, and where they are missing. */
        get: operations["getTagFlow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Policy documents in force. */
        get: operations["listPolicies"];
        put?: never;
        /** Add a document; it is in force when this answers. */
        post: operations["createPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of policies, newest first. */
        get: operations["listPolicyVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One document. */
        get: operations["getPolicy"];
        /** Replace a document (If-Match). */
        put: operations["replacePolicy"];
        post?: never;
        /** Remove a document. */
        delete: operations["removePolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would be decided with these documents; or whether a file of tests passes. */
        post: operations["testPolicies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What these documents would change for a principal. */
        post: operations["diffPolicies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who I am here. */
        get: operations["whoAmI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Principals. */
        get: operations["listPrincipals"];
        put?: never;
        /** Add a principal. */
        post: operations["createPrincipal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/principals/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One principal. */
        get: operations["getPrincipal"];
        /** Replace roles, groups, attributes (If-Match). */
        put: operations["replacePrincipal"];
        post?: never;
        /** Remove a principal with all tokens. */
        delete: operations["removePrincipal"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My tokens; an administrator sees all. Secrets are never shown again. */
        get: operations["listTokens"];
        put?: never;
        /** Make a token. The secret is in this answer and nowhere else. */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token, at once and everywhere. */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts, newest first. Each is an event of the log too. */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/alert-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rules that are held against the log. */
        get: operations["listAlertRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/alert-rules/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One rule. */
        get: operations["getAlertRule"];
        /** Make or replace a rule (If-Match). It holds for what happens from now on. */
        put: operations["putAlertRule"];
        post?: never;
        /** Remove a rule. What it fired stays. */
        delete: operations["removeAlertRule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events, newest first; with Accept: text/event-stream, as they come. */
        get: operations["listAuditEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Signed checkpoints, newest first. Keep one elsewhere: it is what the log is held to. */
        get: operations["listCheckpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/proofs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** That the log of the second size continues the log of the first. */
        get: operations["getConsistencyProof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/proofs/{eventId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** That an event is in the log, up to a signed checkpoint. */
        get: operations["getEventProof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole log as NDJSON, for `sluice audit verify`. */
        get: operations["exportAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/hash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The pseudonyms that people have in the log. What was asked for is not stored. */
        post: operations["getPseudonyms"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Erase the personal parts of events. The log says that it was done; proofs still hold. */
        post: operations["eraseEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/{id}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was decided and handed out, signed, with its proofs: checked with nothing else at hand. */
        get: operations["getReceipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reports that were made, newest first. */
        get: operations["listReportHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/history/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them, by Accept or ?format=, with the names that the log has today. */
        get: operations["getStoredReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reports that are made by themselves, and when next. */
        get: operations["listReportSchedules"];
        put?: never;
        /** Have a report made every day, week or month (UTC), over the time since the last. */
        post: operations["createReportSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Stop making it. What was made is kept. */
        delete: operations["removeReportSchedule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The reports there are, and the filters that each takes. */
        get: operations["listReports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A report over the log as its last checkpoint has it, by Accept or ?format=. It is kept in the history. */
        get: operations["getReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The columns of a table are to be as they are now. */
        AcceptTableSchema: {
            /** @description The schemaVersion that was looked at. */
            version: string;
        };
        /** @description What fired; what else is in it goes by the rule. */
        Alert: {
            /** @description Names the alert. */
            id: string;
            /** @description The rule that fired. */
            rule: string;
            /** @description Whom or what it is about: a pseudonym, the name of a copy, or nothing. */
            subject: string;
            /** @description When its window began. */
            windowStart: string;
            /** @description When it fired. */
            firedAt: string;
            /** @description Whether the log has it as an event. */
            inLog: boolean;
        } & {
            [key: string]: unknown;
        };
        /** @description A rule that is held against the log. */
        AlertRule: {
            /** @description Its name. */
            name: string;
            /** @description For If-Match. */
            version: number;
            /** @description Who last changed it. */
            updatedBy: string;
            /** @description When. */
            updatedAt: string;
            /** @description A newer version made it: it is not held against the log. */
            unreadable?: boolean;
            /** @description The rule. */
            rule?: {
                /** @description Its name. */
                name: string;
                /** @description What has to happen. */
                when: {
                    /**
                     * @description What has to happen.
                     * @constant
                     */
                    kind: "denials";
                    /** @description How many. */
                    count: number;
                } | {
                    /**
                     * @description What has to happen.
                     * @constant
                     */
                    kind: "export";
                    /** @description How many rows. */
                    rows?: number;
                    /** @description How many bytes. */
                    bytes?: number;
                } | {
                    /**
                     * @description What has to happen.
                     * @constant
                     */
                    kind: "touched";
                    /** @description Tags, tables, columns, or everything below a name. */
                    on: string[];
                } | {
                    /**
                     * @description What has to happen.
                     * @constant
                     */
                    kind: "event";
                    /** @description Of which kind. */
                    event: string;
                } | {
                    /**
                     * @description What has to happen.
                     * @constant
                     */
                    kind: "lag";
                    /** @description How far. */
                    seconds: number;
                } | {
                    /**
                     * @description What has to happen.
                     * @constant
                     */
                    kind: "verification";
                };
                /** @description Within how long: 10m, 1h. */
                window: string;
                /**
                 * @description How bad that is.
                 * @enum {string}
                 */
                severity: "low" | "medium" | "high" | "critical";
                /**
                 * @description Whether it is held against the log.
                 * @default true
                 */
                enabled: boolean;
            };
        };
        /** @description An event of the log; what else is in it goes by its kind. */
        AuditEvent: {
            /** @description Names the event. */
            eventId: string;
            /** @description What happened. */
            kind: string;
            /** @description When. */
            at: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A signed state of the log. */
        Checkpoint: {
            /** @description Leaves of the tree. */
            size: number;
            /** @description Leaves at the checkpoint before. */
            previousSize: number;
            /** @description The hash at the root, in base64. */
            root: string;
            /** @description When it was signed. */
            at: string;
            /** @description Which key signed it. */
            kid: string;
            /** @description The checkpoint as a signed note. */
            note: string;
            /** @description The same, signed as a JWS. */
            jws: string;
        };
        /** @description A part of a kept result. */
        Chunk: {
            /** @description Its number, from 0. */
            chunk: number;
            /** @description Values in the order of the schema. What would lose digits as a number is a string. */
            rows: unknown[][];
            /** @description The number of the next chunk; null: there is none. */
            nextChunk: number | null;
        };
        /** @description How a column differs from what policies were written for. */
        ColumnDrift: {
            /** @description The column. */
            column: string;
            /**
             * @description What became of it; disagrees: files of the table have other types.
             * @enum {string}
             */
            change: "added" | "removed" | "retyped" | "nullability" | "disagrees";
            /** @description What it was. */
            before: string | null;
            /** @description What it is. */
            after: string | null;
        };
        /** @description A principal to add. */
        CreatePrincipal: {
            /**
             * @description Roles.
             * @default []
             */
            roles: string[];
            /**
             * @description Groups.
             * @default []
             */
            groups: string[];
            /**
             * @description Facts that policies may ask for.
             * @default {}
             */
            attributes: {
                [key: string]: string | number | boolean | (string | number)[];
            };
            /**
             * @description Whether they may sign in.
             * @default true
             */
            active: boolean;
            /** @description The user name. */
            user: string;
        };
        /** @description A report to make again and again. */
        CreateReportSchedule: {
            /**
             * @description Which report.
             * @enum {string}
             */
            kind: "access" | "denied" | "breach" | "policy-changes" | "entitlements" | "ropa" | "keys" | "retention" | "dsr" | "ccpa-metrics";
            /**
             * @description How often.
             * @enum {string}
             */
            every: "day" | "week" | "month";
            /**
             * @description At which hour, in UTC.
             * @default 0
             */
            hour: number;
            /**
             * @description On which day, every week.
             * @enum {string}
             */
            weekday?: "sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday";
            /** @description On which day, every month. */
            day?: number;
            /**
             * @description What it is about.
             * @default {}
             */
            filter: {
                /** @description About this user alone. */
                principal?: string;
                /** @description About this table. */
                object?: string;
                /** @description About this column. */
                column?: string;
                /** @description About this purpose. */
                purpose?: string;
            };
        };
        /** @description A token to make. */
        CreateToken: {
            /** @description For somebody else, for who administers. */
            principal?: string;
            /** @description What it is for. */
            name: string;
            /**
             * @description What it is limited to; empty: nothing.
             * @default []
             */
            scopes: ("statements" | "catalog" | "policies" | "identity" | "audit")[];
            /**
             * Format: date-time
             * @description When it ends; without it, never.
             */
            expiresAt?: string;
        };
        /** @description What a principal may do with some objects. */
        Decision: {
            /** @description Whether all objects may be read. */
            allowed: boolean;
            /** @description The version of all policies under which it was decided. */
            policyVersion: number;
            /** @description The purpose that was stated. */
            purpose: string | null;
            /** @description What is missing. */
            denied: components["schemas"]["Denied"][];
            /** @description What may help. */
            remedy: string | null;
            /** @description What the caller should know about the answer. */
            notices: {
                /** @description For programs. */
                code: string;
                /** @description For people. */
                text: string;
            }[];
            /** @description When time alone would change it; null: never. */
            validUntil: string | null;
            /** @description Each object. */
            tables: {
                /** @description A table by its whole name. */
                object: string;
                /** @description Each action. */
                actions: {
                    /** @description Whether it is allowed. */
                    browse: boolean;
                    /** @description Whether it is allowed. */
                    read: boolean;
                    /** @description Whether it is allowed. */
                    write: boolean;
                    /** @description Whether it is allowed. */
                    explain: boolean;
                    /** @description Whether it is allowed. */
                    code: boolean;
                    /** @description Whether it is allowed. */
                    administer: boolean;
                };
                /** @description Grants that decided. */
                grants: {
                    /** @description The policy. */
                    policy: string;
                    /** @description The grant in it. */
                    rule: string;
                    /** @description The version of the policy. */
                    version: number;
                    /** @description allow or deny. */
                    effect: string;
                    /**
                     * @description The action it is about.
                     * @enum {string}
                     */
                    action: "browse" | "read" | "write" | "explain" | "code" | "administer";
                }[];
                /** @description Row rules. */
                rows: {
                    /** @description The rule, as policy/rule. */
                    rule: string;
                    /** @description The version of its policy. */
                    version: number;
                    /** @description permissive or restrictive. */
                    mode: string;
                }[];
                /** @description Whether the rules leave no row at all. */
                noRows: boolean;
                /** @description Columns that are seen, each with its mask. */
                columns: {
                    /** @description The name of the column. */
                    column: string;
                    /** @description The kind of mask. */
                    mask: string;
                    /**
                     * @description Whether it may stand in conditions.
                     * @enum {string}
                     */
                    predicate: "allow" | "deny";
                    /** @description Rules that say so, as policy/rule. */
                    rules: string[];
                }[];
            }[];
            /** @description Limits by engine. */
            resources: {
                /** @description On DuckDB. */
                duckdb: components["schemas"]["ResourceLimits"];
                /** @description On Spark. */
                spark: components["schemas"]["ResourceLimits"];
            };
        };
        /** @description A decision on one table, in short. */
        DecisionOutline: {
            /** @description The table. */
            object: string;
            /** @description What is allowed. */
            actions: string[];
            /** @description Row rules, as policy/rule. */
            rows: string[];
            /** @description Whether the rules leave no row at all. */
            noRows: boolean;
            /** @description Masks by column. */
            masks: {
                [key: string]: string;
            };
        };
        /** @description What may be done with some objects? */
        DecisionQuestions: {
            /** @description Questions. */
            requests: {
                /** @description Tables by their whole names. */
                objects: string[];
                /** @description What the data would be for. */
                purpose?: string;
                /** @description Somebody else, for who administers. */
                principal?: string;
            }[];
        };
        /** @description A right that is missing. */
        Denied: {
            /** @description What it is about. */
            object: string;
            /** @description Columns it is about. */
            columns?: string[];
            /** @description The action that is missing. */
            action: string;
        };
        /** @description An engine and how busy it is. */
        Engine: {
            /** @description Its name. */
            id: string;
            /**
             * @description What it is.
             * @enum {string}
             */
            kind: "duckdb" | "spark";
            /**
             * @description unnamed: its names are not drawn by us.
             * @enum {string}
             */
            trust: "named" | "unnamed";
            /** @description Its version. */
            version: string;
            /** @description Statements that run. */
            running: number;
            /** @description Statements that wait. */
            queued: number;
            /** @description Threads it may use. */
            threads: number;
            /** @description Memory it may use. */
            memoryLimit: string;
            /** @description What it runs on. */
            cluster?: {
                /** @description Workers that are alive. */
                workers: number;
                /** @description Executors that are alive. */
                executors: number;
                /** @description Cores of the executors. */
                cores: number;
                /** @description Memory of the executors. */
                memoryBytes: number;
                /** @description Stages that run. */
                runningStages: number;
                /** @description Tasks that run. */
                runningTasks: number;
                /** @description Tasks that failed. */
                failedTasks: number;
                /** @description Bytes that did not fit into memory. */
                spilledBytes: number;
                /** @description When the cluster said so. */
                seenAt: string;
            };
        };
        /** @description Events whose personal parts are to go. */
        EraseEvents: {
            /** @description Ids of events. */
            events: string[];
            /** @description Why, for the record. */
            reason: string;
        };
        /** @description That an event is in the log (RFC 9162). */
        EventProof: {
            /** @description The event, as it is stored. */
            event: string;
            /** @description Its batch, as it is stored. */
            batch: string;
            /** @description From the event to the root of its batch. */
            inBatch: string[];
            /** @description The number of the batch in the log. */
            position: number;
            /** @description From the batch to the root of the log. */
            inLog: string[];
        };
        /** @description A statement to explain. */
        ExplainStatement: {
            /** @description Spark SQL. */
            statement?: string;
            /** @description A Spark Connect relation in base64, with engine: spark. */
            plan?: string;
            /** @description Values for its parameters. */
            parameters?: components["schemas"]["StatementParameter"][];
            /** @description The catalog of names that have none. */
            catalog?: string;
            /** @description The schema of names that have none. */
            schema?: string;
            /**
             * @description Where to run it.
             * @enum {string}
             */
            engine?: "auto" | "duckdb" | "spark";
            /** @description What the data is for, where policies ask. */
            purpose?: string;
            /** @description Why, for the record. */
            justification?: string;
            /** @description Refuse under older policies. */
            minPolicyVersion?: number;
            /** @description Told again with the statement. */
            tags?: {
                [key: string]: string;
            };
            /** @description As somebody else would see it. */
            asPrincipal?: string;
        };
        /** @description What would be decided about a statement, and why. */
        Explanation: {
            /**
             * @description Whether it would run.
             * @enum {string}
             */
            decision: "allow" | "deny";
            governance: components["schemas"]["Governance"];
            /** @description Columns of the result. */
            schema: components["schemas"]["ResultColumn"][];
            /** @description Each table that is read. */
            tables: {
                /** @description A table by its whole name. */
                object: string;
                /** @description Whether it may be read. */
                allowed: boolean;
                /** @description Row rules. */
                filters: {
                    /** @description The rule, as policy/rule. */
                    rule: string;
                    /** @description permissive or restrictive. */
                    mode: string;
                    /** @description Its expression, for those with the explain action. */
                    where?: string;
                }[];
                /** @description Column masks. */
                masks: {
                    /** @description The name of the column. */
                    column: string;
                    /** @description The mask as policies write it. */
                    mask: unknown;
                    /** @description The rule, as policy/rule. */
                    rule: string;
                }[];
            }[];
            /** @description What is missing. */
            denied: components["schemas"]["Denied"][];
            /** @description What may help. */
            remedy?: string;
            /** @description Limits by engine. */
            resources: {
                /** @description On DuckDB. */
                duckdb: components["schemas"]["ResourceLimits"];
                /** @description On Spark. */
                spark: components["schemas"]["ResourceLimits"];
            };
            /** @description The rewritten plan, for those with the explain action. */
            securedPlan?: string;
            /** @description The engine's own plan, for those with the explain action. */
            enginePlan?: string;
        };
        /** @description What was decided about a statement. */
        Governance: {
            /** @description The version of all policies under which it was decided. */
            policyVersion: number;
            /** @description Names the decision in the audit log. */
            decisionId: string;
            /** @description Tables that are read. */
            objects: string[];
            /** @description Tables of which rules leave rows out. */
            filteredTables: {
                /** @description A table by its whole name. */
                object: string;
                /** @description Row rules, as policy/rule. */
                rules: string[];
            }[];
            /** @description Columns that are shown masked. */
            maskedColumns: {
                /** @description A table by its whole name. */
                object: string;
                /** @description The name of the column. */
                column: string;
                /** @description The kind of mask. */
                mask: string;
                /** @description The rule that asks for it, as policy/rule. */
                rule: string;
            }[];
            /** @description The purpose that was stated. */
            purpose: string | null;
            /** @description What the caller should know about the answer. */
            notices: {
                /** @description For programs. */
                code: string;
                /** @description For people. */
                text: string;
            }[];
            /** @description Limits under which it runs. */
            resources?: {
                /** @description The resource group it runs in. */
                group: string;
                /** @description Rules that set its limits, as policy/rule. */
                rules: string[];
                /** @description Who comes first when all wait: the higher. */
                priority: number;
                /** @description Statements of the group at once; null: no limit. */
                concurrency: number | null;
                /** @description Statements of the group that may wait; null: no limit. */
                queue: number | null;
                /** @description How long it may run. */
                timeoutMs: number;
                /** @description How many bytes the result may have. */
                byteLimit: number;
                /** @description How many rows the result may have. */
                rowLimit: number;
            };
            /** @description The table that a statement writes, and how. */
            written?: {
                /** @description A table by its whole name. */
                object: string;
                /**
                 * @description What is done to it.
                 * @enum {string}
                 */
                mode: "create" | "replace" | "append" | "overwrite" | "drop" | "row-change" | "nothing";
            };
        };
        /** @description Who the caller is here. */
        Identity: {
            /** @description The user name. */
            user: string;
            /** @description Roles. */
            roles: string[];
            /** @description Groups. */
            groups: string[];
            /** @description Facts that policies may ask for. */
            attributes: {
                [key: string]: string | number | boolean | (string | number)[];
            };
        };
        /** @description Where columns come from and what they reach. */
        LineageGraph: {
            /** @description Columns and objects. */
            nodes: {
                /** @description A table by its whole name, or result.<hash>. */
                object: string;
                /** @description The column; null: the whole object. */
                column: string | null;
                /**
                 * @description What the object is.
                 * @enum {string}
                 */
                kind: "table" | "result";
                /** @description Tags of the column. */
                tags: string[];
            }[];
            /** @description What goes where. */
            edges: {
                /** @description The object it comes from. */
                source: string;
                /** @description Its column; empty: the whole object. */
                sourceColumn: string;
                /** @description The object it goes to. */
                target: string;
                /** @description Its column; empty: the whole object. */
                targetColumn: string;
                /** @description DIRECT or INDIRECT, as OpenLineage has it. */
                type: string;
                /** @description As OpenLineage has it. */
                subtype: string;
                /** @description Whether values are masked on the way. */
                masking: boolean;
                /** @description Whether it is there because of a policy. */
                policy: boolean;
                /** @description The job that does so. */
                job: string;
            }[];
            /** @description What does so. */
            jobs: {
                /** @description Its name. */
                job: string;
                /** @description What it makes. */
                target: string;
                /** @description The statement, without its values. */
                shape: string;
                /** @description How often it ran. */
                runs: number;
                /** @description When it last ran. */
                lastSeen: string;
                /** @description Whether columns could only be told roughly. */
                approximate: boolean;
            }[];
            /** @description Whether there is more than is told. */
            truncated: boolean;
        };
        /** @description What a change would reach. */
        LineageImpact: {
            /** @description A table by its whole name, or result.<hash>. */
            object: string;
            /** @description The column; null: the whole object. */
            column: string | null;
            /** @description Nearest first. */
            items: {
                /** @description A table by its whole name, or result.<hash>. */
                object: string;
                /** @description The column; null: the whole object. */
                column: string | null;
                /**
                 * @description What the object is.
                 * @enum {string}
                 */
                kind: "table" | "result";
                /** @description How many steps away. */
                depth: number;
                /**
                 * @description How it is reached.
                 * @enum {string}
                 */
                strength: "direct" | "masked" | "indirect";
                /** @description Tags of the column. */
                tags: string[];
            }[];
            /** @description Whether there is more than is told. */
            truncated: boolean;
        };
        /** @description A token with its secret. */
        NewToken: {
            /**
             * Format: uuid
             * @description Names it in other requests.
             */
            id: string;
            /** @description Whose it is. */
            principal: string;
            /** @description What it is for. */
            name: string;
            /** @description What it is limited to; empty: nothing. */
            scopes: string[];
            /** @description When it was made. */
            createdAt: string;
            /** @description When it ends; null: never. */
            expiresAt: string | null;
            /** @description When it was revoked; null: it was not. */
            revokedAt: string | null;
            /** @description The secret: shown this once. */
            token: string;
        };
        /** @description A policy document. */
        Policy: {
            /** @description The name of the document. */
            name: string;
            /** @description The version of the document, for If-Match. */
            version: number;
            /** @description file: changed in files alone; api: here. */
            source: string;
            /** @description Who last changed it. */
            updatedBy: string;
            /** @description When. */
            updatedAt: string;
            /** @description As the reference of policies has it. */
            document: {
                [key: string]: unknown;
            };
        };
        /** @description A change of a policy document. */
        PolicyChange: {
            /** @description The version of all policies together. */
            policyVersion: number;
            /** @description The name of the document. */
            name: string;
            /** @description The version of the document, for If-Match. */
            version: number;
            /**
             * @description What was done.
             * @enum {string}
             */
            change: "created" | "replaced" | "removed";
            /** @description file: changed in files alone; api: here. */
            source: string;
            /** @description Who did it. */
            changedBy: string;
            /** @description When. */
            changedAt: string;
        };
        /** @description A document as the reference of policies has it; as YAML, text. */
        PolicyDocument: {
            [key: string]: unknown;
        } | string;
        /** @description Tests to run. */
        PolicyTestFile: {
            /** @description A file of policy tests, as YAML. */
            tests: string;
            /**
             * @description Put in place of those with the same name: objects, or YAML as text.
             * @default []
             */
            documents: unknown[];
        };
        /** @description What policy tests found. */
        PolicyTestResults: {
            /** @description Tests that passed. */
            passed: number;
            /** @description Tests that failed. */
            failed: number;
            /** @description Each test. */
            results: {
                /** @description The name of the test. */
                name: string;
                /** @description What is otherwise than expected; empty: it passed. */
                differences: string[];
            }[];
        };
        /** @description What would be decided under other documents? */
        PolicyTrial: {
            /** @description Who asks; it need not be there. */
            principal: {
                /** @description The user name. */
                user: string;
                /**
                 * @description Roles.
                 * @default []
                 */
                roles: string[];
                /**
                 * @description Groups.
                 * @default []
                 */
                groups: string[];
                /**
                 * @description Facts that policies may ask for.
                 * @default {}
                 */
                attributes: {
                    [key: string]: string | number | boolean | (string | number)[];
                };
            };
            /** @description Tables by their whole names. */
            objects: string[];
            /** @description What the data would be for. */
            purpose?: string;
            /**
             * @description Put in place of those with the same name: objects, or YAML as text.
             * @default []
             */
            documents: unknown[];
        };
        /** @description What would be decided. */
        PolicyTrialResult: {
            /** @description In the order of the question. */
            tables: components["schemas"]["DecisionOutline"][];
        };
        /** @description Somebody, or something, that asks. */
        Principal: {
            /** @description The user name. */
            user: string;
            /** @description Roles. */
            roles: string[];
            /** @description Groups. */
            groups: string[];
            /** @description Facts that policies may ask for. */
            attributes: {
                [key: string]: string | number | boolean | (string | number)[];
            };
            /** @description Whether they may sign in. */
            active: boolean;
            /** @description Where they are changed: api, or what brings them in. */
            managedBy: string;
            /** @description For If-Match. */
            version: number;
        };
        /** @description RFC 9457 problem details; extensions of a code may stand beside these. */
        Problem: {
            /** @description A URN that names the kind of problem. */
            type: string;
            /** @description The kind of problem, for people. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /**
             * @description The kind of problem, for programs: a closed list, never used again for something else.
             * @enum {string}
             */
            code: "BAD_REQUEST" | "BODY_TOO_LARGE" | "METHOD_NOT_ALLOWED" | "UNSUPPORTED_MEDIA_TYPE" | "NOT_ACCEPTABLE" | "IDEMPOTENCY_MISMATCH" | "NOT_FOUND" | "CONFLICT" | "RANGE_NOT_SATISFIABLE" | "PRECONDITION_FAILED" | "UNAUTHENTICATED" | "ACCESS_DENIED" | "TABLE_CLOSED" | "PURPOSE_REQUIRED" | "CODE_NOT_ALLOWED" | "EXPLAIN_NOT_ALLOWED" | "SYNTAX_ERROR" | "STATEMENT_NOT_ALLOWED" | "FEATURE_NOT_ALLOWED" | "CONFIG_NOT_ALLOWED" | "FUNCTION_NOT_ALLOWED" | "STATEMENT_TOO_LONG" | "STATEMENT_TOO_DEEP" | "STATEMENT_TOO_COMPLEX" | "PARAMETER_MISSING" | "PARAMETER_INVALID" | "TABLE_OR_VIEW_NOT_FOUND" | "SCHEMA_NOT_FOUND" | "UNRESOLVED_COLUMN" | "AMBIGUOUS_COLUMN" | "TYPE_MISMATCH" | "INVALID_GROUPING" | "INVALID_STATEMENT" | "TABLE_OR_VIEW_ALREADY_EXISTS" | "TABLE_NOT_WRITABLE" | "FORMAT_NEEDS_SPARK" | "MASK_NEEDS_DUCKDB" | "MASKED_WRITE_BACK" | "COLUMN_PREDICATE_DENIED" | "POLICY_INVALID" | "POLICY_FILE_OWNED" | "POLICY_VERSION_BEHIND" | "SECOND_CHECK" | "EVIDENCE_UNAVAILABLE" | "LOG_DAMAGED" | "QUEUE_FULL" | "ENGINE_NOT_CONFIGURED" | "ENGINE_UNAVAILABLE" | "ENGINE_ERROR" | "ARITHMETIC_ERROR" | "CAST_INVALID_INPUT" | "INVALID_INDEX" | "STATEMENT_TIMEOUT" | "STATEMENT_CANCELED" | "STREAM_STOPPED" | "WAIT_TIMEOUT_CANCELED" | "BYTE_LIMIT_EXCEEDED" | "ROW_LIMIT_EXCEEDED" | "RECURSION_LIMIT" | "RESOURCES_EXHAUSTED" | "WRITE_CHECK_FAILED" | "WRITE_CONFLICT" | "WRITE_TOO_LARGE" | "DATA_CHANGED" | "CODE_FAILED" | "RESULT_EXPIRED" | "RATE_LIMITED" | "INTERNAL";
            /** @description This problem, for people. */
            detail: string;
            /** @description Whether the same request may succeed later. */
            retryable: boolean;
            /** @description The path that was asked. */
            instance?: string;
            /** @description Names the request in the log of the gateway. */
            requestId?: string;
            /** @description As SQL numbers it. */
            sqlState?: string;
            /** @description Where in the statement. */
            position?: {
                /** @description From 1. */
                line: number;
                /** @description From 1. */
                column: number;
            };
            /** @description Names the decision in the audit log. */
            decisionId?: string;
            /** @description Rights that are missing. */
            denied?: components["schemas"]["Denied"][];
            /** @description What may help. */
            remedy?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description Whose pseudonyms are wanted. */
        PseudonymQuestion: {
            /** @description User names. */
            principals: string[];
        };
        /** @description What a statement was answered, signed, with proofs that the log has it. */
        Receipt: {
            /** @description sluice-receipt. */
            format: string;
            /** @description Of the format. */
            version: number;
            /** @description What was decided and handed out. */
            statement: {
                [key: string]: unknown;
            };
            /** @description The statement, signed. */
            jws: string;
            /** @description A public key as a JWK. */
            key: {
                [key: string]: unknown;
            };
            /** @description The key of the log. */
            logKey: {
                /** @description A public key as verifiers of signed notes take it. */
                vkey: string;
                /** @description A public key as a JWK. */
                jwk: {
                    [key: string]: unknown;
                };
            };
            /** @description The checkpoint that the proofs end in. */
            checkpoint: {
                /** @description The checkpoint as a signed note. */
                note: string;
                /** @description The same, signed as a JWS. */
                jws: string;
            };
            intent: components["schemas"]["EventProof"];
            outcome: components["schemas"]["EventProof"];
        };
        /** @description What a principal is from now on. */
        ReplacePrincipal: {
            /**
             * @description Roles.
             * @default []
             */
            roles: string[];
            /**
             * @description Groups.
             * @default []
             */
            groups: string[];
            /**
             * @description Facts that policies may ask for.
             * @default {}
             */
            attributes: {
                [key: string]: string | number | boolean | (string | number)[];
            };
            /**
             * @description Whether they may sign in.
             * @default true
             */
            active: boolean;
        };
        /** @description A report that is made again and again. */
        ReportSchedule: {
            /** @description Names it in other requests. */
            id: string;
            /**
             * @description Which report.
             * @enum {string}
             */
            kind: "access" | "denied" | "breach" | "policy-changes" | "entitlements" | "ropa" | "keys" | "retention" | "dsr" | "ccpa-metrics";
            /**
             * @description How often.
             * @enum {string}
             */
            every: "day" | "week" | "month";
            /** @description At which hour, in UTC. */
            hour: number;
            /** @description On which day, every week. */
            weekday?: string;
            /** @description On which day, every month. */
            day?: number;
            /** @description What it is about. */
            filter: {
                /** @description About this pseudonym alone. */
                actor?: string;
                /** @description About this table. */
                object?: string;
                /** @description About this column. */
                column?: string;
                /** @description About this purpose. */
                purpose?: string;
                /** @description From then on. */
                from?: string;
                /** @description Before then. */
                to?: string;
            };
            /** @description When it was set up. */
            createdAt: string;
            /** @description When it is due next. */
            dueAt: string;
            /** @description When it is tried again; null: it did not fail. */
            retryAt: string | null;
            /** @description With which code it last failed; null: it did not. */
            lastCode: string | null;
        };
        /** @description Limits of a principal on one engine; what is missing is not limited. */
        ResourceLimits: {
            /** @description The resource group. */
            group: string;
            /** @description Who comes first when all wait: the higher. */
            priority: number;
            /** @description Statements of the group at once. */
            concurrency?: number;
            /** @description Statements of the group that may wait. */
            queue?: number;
            /** @description How long one may run. */
            timeMs?: number;
            /** @description How many bytes a result may have. */
            bytes?: number;
            /** @description How many rows a result may have. */
            rows?: number;
            /** @description Cores of a cluster. */
            cores?: number;
            /** @description Rules that say so. */
            rules: {
                /** @description The policy. */
                policy: string;
                /** @description The rule in it. */
                rule: string;
                /** @description The version of the policy. */
                version: number;
            }[];
            /** @description The version of all policies under which it was decided. */
            policyVersion: number;
        };
        /** @description A column of a result. */
        ResultColumn: {
            /** @description The name of the column. */
            name: string;
            /** @description Its type, as Spark SQL writes it. */
            type: string;
            /** @description Whether it may be NULL. */
            nullable: boolean;
            /** @description Whether its values are masked for the caller. */
            masked: boolean;
            /** @description The kind of mask; null: none. */
            mask: string | null;
        };
        /** @description A statement to run. */
        RunStatement: {
            /** @description Spark SQL. */
            statement?: string;
            /** @description A Spark Connect relation in base64, with engine: spark. */
            plan?: string;
            /** @description Values for its parameters. */
            parameters?: components["schemas"]["StatementParameter"][];
            /** @description The catalog of names that have none. */
            catalog?: string;
            /** @description The schema of names that have none. */
            schema?: string;
            /**
             * @description Where to run it.
             * @enum {string}
             */
            engine?: "auto" | "duckdb" | "spark";
            /** @description What the data is for, where policies ask. */
            purpose?: string;
            /** @description Why, for the record. */
            justification?: string;
            /** @description Refuse under older policies. */
            minPolicyVersion?: number;
            /** @description Told again with the statement. */
            tags?: {
                [key: string]: string;
            };
            /** @description How long to wait for its end: 10s when not given. */
            waitTimeout?: string;
            /**
             * @description What then becomes of it.
             * @enum {string}
             */
            onWaitTimeout?: "continue" | "cancel";
            /** @description Cut the result after so many rows. */
            rowLimit?: number;
            /** @description Fail when the result has more bytes. */
            byteLimit?: number;
            /** @description Fail when it takes longer. */
            timeout?: string;
            /** @description False: run it, even where an answer of the same plan over the same data is kept. */
            cache?: boolean;
            /**
             * @description Of the answer, before what Accept says.
             * @enum {string}
             */
            format?: "json" | "ndjson" | "csv" | "arrow" | "parquet";
        };
        /** @description A policy document that is in force. */
        SavedPolicy: {
            /** @description The name of the document. */
            name: string;
            /** @description The version of the document, for If-Match. */
            version: number;
            /** @description The version of all policies together. */
            policyVersion: number;
            /** @description What to look at again. */
            warnings: ({
                /** @description For programs. */
                code: string;
                /** @description Where in the document. */
                path: string;
                /** @description For people. */
                text: string;
            } & {
                [key: string]: unknown;
            })[];
        };
        /** @description What people say about a table. */
        SetTableMetadata: {
            /** @description Who answers for it; null: nobody. */
            owner?: string | null;
            /** @description Tags of the table. */
            tags: string[];
            /** @description Tags of its columns. */
            columns?: {
                [key: string]: string[];
            };
        };
        /** @description A report with its signature. */
        SignedReport: {
            /**
             * @description sluice-report.
             * @constant
             */
            format: "sluice-report";
            /** @description Of the format. */
            version: number;
            /** @description What is signed. */
            report: {
                /**
                 * @description Which report.
                 * @enum {string}
                 */
                kind: "access" | "denied" | "breach" | "policy-changes" | "entitlements" | "ropa" | "keys" | "retention" | "dsr" | "ccpa-metrics";
                /** @description Its title. */
                title: string;
                /** @description When it was made. */
                madeAt: string;
                /** @description What it is about. */
                filter: {
                    /** @description About this pseudonym alone. */
                    actor?: string;
                    /** @description About this table. */
                    object?: string;
                    /** @description About this column. */
                    column?: string;
                    /** @description About this purpose. */
                    purpose?: string;
                    /** @description From then on. */
                    from?: string;
                    /** @description Before then. */
                    to?: string;
                };
                /** @description Of which log it is. */
                log: {
                    /** @description The name of the log. */
                    origin: string;
                    /** @description Leaves of the tree. */
                    size: number;
                    /** @description The hash at the root of the log, in base64. */
                    root: string;
                    /** @description When that was signed. */
                    checkpointAt: string;
                    /** @description Events of the log. */
                    eventsInLog: number;
                    /** @description Events that the report is about. */
                    events: number;
                    /** @description The first of these. */
                    first: {
                        /** @description Names the event. */
                        eventId: string;
                        /** @description When it was. */
                        at: string;
                    } | null;
                    /** @description The last of these. */
                    last: {
                        /** @description Names the event. */
                        eventId: string;
                        /** @description When it was. */
                        at: string;
                    } | null;
                };
                /** @description Sums. */
                totals: {
                    [key: string]: number;
                };
                /** @description Tables. */
                sections: {
                    /** @description Names the table. */
                    id: string;
                    /** @description Its heading. */
                    title: string;
                    /** @description Its columns. */
                    columns: {
                        /** @description Its key in rows. */
                        name: string;
                        /** @description Its heading. */
                        title: string;
                        /** @description What is in it. */
                        kind: string;
                    }[];
                    /** @description Its rows. */
                    rows: {
                        [key: string]: (string | number | string[]) | null;
                    }[];
                    /** @description Rows that are left out. */
                    omitted: number;
                    /** @description How to draw it. */
                    chart?: {
                        /** @description Its heading. */
                        title: string;
                        /** @description Columns that label it. */
                        labels: string[];
                        /** @description The column that is drawn. */
                        value: string;
                    };
                }[];
                /** @description What readers should know. */
                notes: {
                    /** @description For programs. */
                    code: string;
                    /** @description For people. */
                    text: string;
                }[];
            };
            /** @description Names, for who may see them; not signed. */
            personal?: {
                /** @description User names by pseudonym. */
                people: {
                    [key: string]: string | null;
                };
                /** @description Personal parts by event. */
                events: {
                    [key: string]: {
                        /** @description Who it was. */
                        user: string;
                        /** @description Why, as they said. */
                        justification?: string;
                    } | null;
                };
            };
            /** @description The report, signed. */
            jws: string;
            /** @description The key that signed it. */
            key: {
                /** @description EC. */
                kty: string;
                /** @description The curve. */
                crv: string;
                /** @description One half of the point. */
                x: string;
                /** @description The other half. */
                y: string;
            };
            /** @description The checkpoint of the log. */
            checkpoint: {
                /** @description As a signed note. */
                note: string;
                /** @description Signed as a JWS. */
                jws: string;
            };
            /** @description The key of the log. */
            logKey: {
                /** @description As verifiers of signed notes take it. */
                vkey: string;
                /** @description As a JWK. */
                jwk: {
                    /** @description EC. */
                    kty: string;
                    /** @description The curve. */
                    crv: string;
                    /** @description One half of the point. */
                    x: string;
                    /** @description The other half. */
                    y: string;
                };
            };
        };
        /** @description A statement; with rows once it has succeeded. */
        Statement: {
            /** @description Names the statement in other requests. */
            statementId: string;
            /**
             * @description How far it is, or how it ended.
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "canceled" | "timed_out" | "expired";
            /** @description When it came. */
            submittedAt: string;
            /** @description When it ended; null: it has not. */
            finishedAt: string | null;
            /** @description How it failed. */
            error?: components["schemas"]["Problem"];
            /** @description As they came with it. */
            tags?: {
                [key: string]: string;
            };
            /** @description Time of each stage. */
            timings?: {
                /** @description Milliseconds. */
                authenticate: number;
                /** @description Milliseconds. */
                decode: number;
                /** @description Milliseconds. */
                bind: number;
                /** @description Milliseconds. */
                decide: number;
                /** @description Milliseconds. */
                rewrite: number;
                /** @description Milliseconds. */
                check: number;
                /** @description Milliseconds. */
                record: number;
                /** @description Milliseconds. */
                run: number;
                /** @description Milliseconds. */
                reveal: number;
            };
            /** @description Where it runs. */
            engine?: string;
            /** @description What the result is. */
            manifest?: {
                /** @description The columns. */
                schema: components["schemas"]["ResultColumn"][];
                /** @description All rows; null: not known yet. */
                rowCount: number | null;
                /** @description Chunks of the kept result; null: not known yet. */
                chunkCount: number | null;
                /** @description Whether a limit cut the result. */
                truncated: boolean;
            };
            governance?: components["schemas"]["Governance"];
            /** @description The first rows, once it has succeeded. */
            result?: {
                /** @description Values in the order of the schema. What would lose digits as a number is a string. */
                rows: unknown[][];
                /** @description The number of the next chunk; null: there is none. */
                nextChunk: number | null;
            };
        };
        /** @description A statement in a list. */
        StatementItem: {
            /** @description Names the statement in other requests. */
            statementId: string;
            /**
             * @description How far it is, or how it ended.
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "canceled" | "timed_out" | "expired";
            /** @description When it came. */
            submittedAt: string;
            /** @description When it ended; null: it has not. */
            finishedAt: string | null;
            /** @description How it failed. */
            error?: components["schemas"]["Problem"];
            /** @description Whose it is, in lists of everybody's. */
            principal?: string;
            /**
             * @description Where it came in.
             * @enum {string}
             */
            door: "rest" | "spark-connect";
            /** @description Where it runs. */
            engine?: string;
            /** @description Under whose limits it runs. */
            resourceGroup: string | null;
            /** @description Since when it is in this state, while it goes on. */
            since?: string;
            /** @description How far it is, while it goes on. */
            progress?: {
                /** @description Time since then. */
                elapsedMs: number;
            };
            /** @description Its place in the queue, from 1. */
            position?: number;
            /** @description What it waits for. */
            waitingFor?: {
                /**
                 * @description Which limit.
                 * @enum {string}
                 */
                kind: "groupConcurrency" | "engineSlots";
                /** @description How many run. */
                running: number;
                /** @description How many may. */
                limit: number;
            };
        };
        /** @description A value for the statement. */
        StatementParameter: {
            /** @description For `:name`; without one, `?` takes it, in order. */
            name?: string;
            /** @description A Spark type; without one, as the value is. */
            type?: string;
            /** @description Text for what JSON has not. */
            value: string | number | boolean | null;
        };
        /** @description How an engine runs a statement. */
        StatementPlan: {
            /** @description Names the statement in other requests. */
            statementId: string;
            /** @description Where it runs. */
            engine: string;
            /** @description Time of each stage. */
            timings: {
                /** @description Milliseconds. */
                authenticate: number;
                /** @description Milliseconds. */
                decode: number;
                /** @description Milliseconds. */
                bind: number;
                /** @description Milliseconds. */
                decide: number;
                /** @description Milliseconds. */
                rewrite: number;
                /** @description Milliseconds. */
                check: number;
                /** @description Milliseconds. */
                record: number;
                /** @description Milliseconds. */
                run: number;
                /** @description Milliseconds. */
                reveal: number;
            };
            /** @description The physical plan; null: there is none for this kind. */
            plan: string | null;
            /** @description Stages of a cluster. */
            stages: {
                /** @description Its number. */
                stage: number;
                /** @description Which attempt, from 0. */
                attempt: number;
                /** @description As the engine calls it. */
                state: string;
                /** @description All of its tasks. */
                tasks: number;
                /** @description Tasks that are done. */
                tasksCompleted: number;
                /** @description Tasks that failed. */
                tasksFailed: number;
                /** @description When it began. */
                submittedAt: string | null;
                /** @description When it ended. */
                completedAt: string | null;
                /** @description Time of its tasks together. */
                taskMs: number;
                /** @description Bytes read. */
                inputBytes: number;
                /** @description Bytes read from other stages. */
                shuffleReadBytes: number;
                /** @description Bytes written for other stages. */
                shuffleWriteBytes: number;
                /** @description Bytes that did not fit into memory. */
                spilledBytes: number;
            }[];
        };
        /** @description A report that is kept. */
        StoredReport: {
            /** @description Names it in other requests. */
            id: string;
            /**
             * @description Which report.
             * @enum {string}
             */
            kind: "access" | "denied" | "breach" | "policy-changes" | "entitlements" | "ropa" | "keys" | "retention" | "dsr" | "ccpa-metrics";
            /** @description Its title. */
            title: string;
            /** @description When it was made. */
            madeAt: string;
            /** @description The schedule that made it; null: somebody asked. */
            schedule: string | null;
            /** @description When it was due. */
            dueAt: string | null;
            /** @description What it is about. */
            filter: {
                /** @description About this pseudonym alone. */
                actor?: string;
                /** @description About this table. */
                object?: string;
                /** @description About this column. */
                column?: string;
                /** @description About this purpose. */
                purpose?: string;
                /** @description From then on. */
                from?: string;
                /** @description Before then. */
                to?: string;
            };
            /** @description Leaves of the log it is of. */
            logSize: number;
            /** @description The hash at the root of the log, in base64. */
            root: string;
            /** @description The hash of its bytes, in hex. */
            sha256: string;
            /** @description How many these are. */
            bytes: number;
        };
        /** @description A table with its columns. */
        Table: {
            /** @description The whole name. */
            name: string;
            /** @description The catalog. */
            catalog: string;
            /** @description The schema. */
            schema: string;
            /** @description The name in the schema. */
            table: string;
            /** @description What it is: table. */
            kind: string;
            /** @description Its tags. */
            tags: string[];
            /** @description Who answers for it; null: nobody. */
            owner: string | null;
            /** @description Whether the caller may read it. */
            mayRead: boolean;
            /** @description Whether nobody may: columns that rules name are gone or of another type. */
            closed: boolean;
            /** @description A name for its columns as they are. */
            schemaVersion: string;
            /** @description Columns that are not as they were; null: not for who may neither explain it nor administer. */
            drift: components["schemas"]["ColumnDrift"][] | null;
            /** @description As the caller would see them. */
            columns: components["schemas"]["TableColumn"][];
        };
        /** @description A column of a table. */
        TableColumn: {
            /** @description The name. */
            name: string;
            /** @description The type, as Spark SQL writes it. */
            type: string;
            /** @description Whether it may be NULL. */
            nullable: boolean;
            /** @description Its tags. */
            tags: string[];
            /** @description Whether its values are masked for the caller. */
            masked: boolean;
            /** @description The kind of mask; null: none. */
            mask: string | null;
        };
        /** @description A table that the caller may browse. */
        TableSummary: {
            /** @description The whole name. */
            name: string;
            /** @description The catalog. */
            catalog: string;
            /** @description The schema. */
            schema: string;
            /** @description The name in the schema. */
            table: string;
            /** @description What it is: table. */
            kind: string;
            /** @description Its tags. */
            tags: string[];
            /** @description Who answers for it; null: nobody. */
            owner: string | null;
        };
        /** @description Where the tags of a table have gone. */
        TagFlow: {
            /** @description A table by its whole name, or result.<hash>. */
            object: string;
            /** @description Where each tag should be. */
            items: {
                /** @description The tag. */
                tag: string;
                /** @description Where it is set. */
                from: {
                    /** @description A table by its whole name, or result.<hash>. */
                    object: string;
                    /** @description The column. */
                    column: string;
                };
                /** @description Where the values went. */
                to: {
                    /** @description A table by its whole name, or result.<hash>. */
                    object: string;
                    /** @description The column. */
                    column: string;
                };
                /** @description How many steps away. */
                depth: number;
                /**
                 * @description Whether it is there as well.
                 * @enum {string}
                 */
                state: "present" | "missing" | "masked";
            }[];
            /** @description Whether there is more than is told. */
            truncated: boolean;
        };
        /** @description A token, without its secret. */
        Token: {
            /**
             * Format: uuid
             * @description Names it in other requests.
             */
            id: string;
            /** @description Whose it is. */
            principal: string;
            /** @description What it is for. */
            name: string;
            /** @description What it is limited to; empty: nothing. */
            scopes: string[];
            /** @description When it was made. */
            createdAt: string;
            /** @description When it ends; null: never. */
            expiresAt: string | null;
            /** @description When it was revoked; null: it was not. */
            revokedAt: string | null;
        };
    };
    responses: {
        /** @description Bad Request, as RFC 9457 problem details. */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unauthorized, as RFC 9457 problem details. */
        Problem401: {
            headers: {
                /** @description How to sign in. */
                "WWW-Authenticate": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Forbidden, as RFC 9457 problem details. */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not Found, as RFC 9457 problem details. */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not Acceptable, as RFC 9457 problem details. */
        Problem406: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Request Timeout, as RFC 9457 problem details. */
        Problem408: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Conflict, as RFC 9457 problem details. */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Gone, as RFC 9457 problem details. */
        Problem410: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Precondition Failed, as RFC 9457 problem details. */
        Problem412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Payload Too Large, as RFC 9457 problem details. */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unsupported Media Type, as RFC 9457 problem details. */
        Problem415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Range Not Satisfiable, as RFC 9457 problem details. */
        Problem416: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unprocessable Entity, as RFC 9457 problem details. */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too Many Requests, as RFC 9457 problem details. */
        Problem429: {
            headers: {
                /** @description Seconds, where waiting helps. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Internal Server Error, as RFC 9457 problem details. */
        Problem500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Service Unavailable, as RFC 9457 problem details. */
        Problem503: {
            headers: {
                /** @description Seconds, where waiting helps. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    explainStatement: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainStatement"];
            };
        };
        responses: {
            /** @description What would be decided, and why. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    decide: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecisionQuestions"];
            };
        };
        responses: {
            /** @description One decision for each question, in their order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One for each question, in their order. */
                        items: components["schemas"]["Decision"][];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listStatements: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
                /** @description Everybody's, for who administers. */
                all?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        items: components["schemas"]["StatementItem"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    runStatement: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of several requests with one key and body exactly one runs; the others get its answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunStatement"];
            };
        };
        responses: {
            /** @description The statement with its rows, or its rows alone; of these, trailers say X-Sluice-Row-Count and X-Sluice-Truncated. */
            200: {
                headers: {
                    /** @description The statement of a stream of rows. */
                    "X-Sluice-Statement-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.apache.arrow.stream": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            /** @description It goes on; ask for it where Location says. */
            202: {
                headers: {
                    /** @description Where to ask for it. */
                    Location: string;
                    /** @description Seconds. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            406: components["responses"]["Problem406"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            410: components["responses"]["Problem410"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getStatement: {
        parameters: {
            query?: {
                /** @description How long to wait for its end. */
                wait?: string;
            };
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement; with rows once it has succeeded. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    removeStatement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    cancelStatement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is being cancelled, or had ended. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Names the statement in other requests. */
                        statementId: string;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getChunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
                /** @description The number of the chunk, from 0. */
                n: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rows of one chunk. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Chunk"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.apache.arrow.stream": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            406: components["responses"]["Problem406"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            410: components["responses"]["Problem410"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    streamResult: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement with its rows, or its rows alone. */
            200: {
                headers: {
                    /** @description The statement of a stream of rows. */
                    "X-Sluice-Statement-Id"?: string;
                    /** @description Of these bytes, for If-Range. */
                    ETag?: string;
                    /** @description Rows of the result. */
                    "X-Sluice-Row-Count"?: string;
                    /** @description true: cut at the row limit. */
                    "X-Sluice-Truncated"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.apache.arrow.stream": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            /** @description The bytes that Range asked for. */
            206: {
                headers: {
                    /** @description The statement of a stream of rows. */
                    "X-Sluice-Statement-Id"?: string;
                    /** @description Of the whole. */
                    ETag?: string;
                    /** @description Which bytes of how many. */
                    "Content-Range"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/json": string;
                    "application/x-ndjson": string;
                    "application/vnd.apache.arrow.stream": string;
                    "application/vnd.apache.parquet": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            406: components["responses"]["Problem406"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            410: components["responses"]["Problem410"];
            416: components["responses"]["Problem416"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    followStatement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events `state` and `progress`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description It has ended, and Last-Event-ID is its last event. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getGovernance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Governance"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Physical plan, stages of the engine, times of the nine stages. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatementPlan"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listEngines: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description All of them. */
                        items: components["schemas"]["Engine"][];
                        /** @description There is one page. */
                        nextCursor: null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    cancelAnyStatement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is being cancelled, or had ended. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Names the statement in other requests. */
                        statementId: string;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listTables: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description By name. */
                        items: components["schemas"]["TableSummary"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getTable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The whole name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The table, columns as the caller would see them. */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Table"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    setTableMetadata: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /**
                 * @description The whole name.
                 * @example shop.ref.countries
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetTableMetadata"];
            };
        };
        responses: {
            /** @description As it is now; empty when the table went in the meantime. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The whole name. */
                        name?: string;
                        /** @description The catalog. */
                        catalog?: string;
                        /** @description The schema. */
                        schema?: string;
                        /** @description The name in the schema. */
                        table?: string;
                        /** @description What it is: table. */
                        kind?: string;
                        /** @description Its tags. */
                        tags?: string[];
                        /** @description Who answers for it; null: nobody. */
                        owner?: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    acceptTableSchema: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The whole name.
                 * @example shop.ref.countries
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptTableSchema"];
            };
        };
        responses: {
            /** @description As it is now; empty when the table went in the meantime. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The whole name. */
                        name?: string;
                        /** @description The catalog. */
                        catalog?: string;
                        /** @description The schema. */
                        schema?: string;
                        /** @description The name in the schema. */
                        table?: string;
                        /** @description What it is: table. */
                        kind?: string;
                        /** @description Its tags. */
                        tags?: string[];
                        /** @description Who answers for it; null: nobody. */
                        owner?: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listTags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description By name. */
                        items: {
                            /** @description The tag. */
                            tag: string;
                            /** @description Tables and columns that carry it. */
                            objects: string[];
                        }[];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getLineage: {
        parameters: {
            query?: {
                /** @description Which way. */
                direction?: "upstream" | "downstream" | "both";
                /** @description Steps, at most. */
                depth?: number;
                /** @description Of this column alone. */
                column?: string;
            };
            header?: never;
            path: {
                /** @description A table by its whole name, or result.<hash>. */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the caller may know of. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LineageGraph"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getImpact: {
        parameters: {
            query?: {
                /** @description Steps, at most. */
                depth?: number;
                /** @description Of this column alone. */
                column?: string;
            };
            header?: never;
            path: {
                /** @description A table by its whole name, or result.<hash>. */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nearest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LineageImpact"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getTagFlow: {
        parameters: {
            query?: {
                /** @description Steps, at most. */
                depth?: number;
                /** @description Of this column alone. */
                column?: string;
            };
            header?: never;
            path: {
                /** @description A table by its whole name, or result.<hash>. */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where each tag should be. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagFlow"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listPolicies: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description By name. */
                        items: components["schemas"]["Policy"][];
                        /** @description The version of all policies together. */
                        policyVersion: number;
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyDocument"];
                "application/yaml": components["schemas"]["PolicyDocument"];
            };
        };
        responses: {
            /** @description In force, with what to look at again. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedPolicy"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listPolicyVersions: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        items: components["schemas"]["PolicyChange"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The whole name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    replacePolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /**
                 * @description The whole name.
                 * @example marketing-countries
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyDocument"];
                "application/yaml": components["schemas"]["PolicyDocument"];
            };
        };
        responses: {
            /** @description In force, with what to look at again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedPolicy"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    removePolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /** @description The whole name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    testPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyTestFile"] | components["schemas"]["PolicyTrial"];
            };
        };
        responses: {
            /** @description What each test found, or the decision on each object. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyTestResults"] | components["schemas"]["PolicyTrialResult"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    diffPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyTrial"];
            };
        };
        responses: {
            /** @description Objects that would be decided otherwise. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One for each such object. */
                        changes: {
                            /** @description The table. */
                            object: string;
                            before?: components["schemas"]["DecisionOutline"];
                            after: components["schemas"]["DecisionOutline"];
                        }[];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    whoAmI: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As the credentials say. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Identity"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listPrincipals: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description By user name. */
                        items: components["schemas"]["Principal"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createPrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePrincipal"];
            };
        };
        responses: {
            /** @description As it is now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Principal"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getPrincipal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Principal"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    replacePrincipal: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /**
                 * @description The user name.
                 * @example maria
                 */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplacePrincipal"];
            };
        };
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Principal"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    removePrincipal: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /** @description The user name. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, without secrets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description By id. */
                        items: components["schemas"]["Token"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateToken"];
            };
        };
        responses: {
            /** @description With its secret, this once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listAlerts: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One page of them. */
                        items: components["schemas"]["Alert"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listAlertRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One page of them. */
                        items: components["schemas"]["AlertRule"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getAlertRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The whole name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    /** @description The version, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    putAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /**
                 * @description The whole name.
                 * @example many-refusals
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Its name. */
                    name: string;
                    /** @description What has to happen. */
                    when: {
                        /**
                         * @description What has to happen.
                         * @enum {string}
                         */
                        kind: "denials";
                        /** @description How many. */
                        count: number;
                    } | {
                        /**
                         * @description What has to happen.
                         * @enum {string}
                         */
                        kind: "export";
                        /** @description How many rows. */
                        rows?: number;
                        /** @description How many bytes. */
                        bytes?: number;
                    } | {
                        /**
                         * @description What has to happen.
                         * @enum {string}
                         */
                        kind: "touched";
                        /** @description Tags, tables, columns, or everything below a name. */
                        on: string[];
                    } | {
                        /**
                         * @description What has to happen.
                         * @enum {string}
                         */
                        kind: "event";
                        /** @description Of which kind. */
                        event: string;
                    } | {
                        /**
                         * @description What has to happen.
                         * @enum {string}
                         */
                        kind: "lag";
                        /** @description How far. */
                        seconds: number;
                    } | {
                        /**
                         * @description What has to happen.
                         * @enum {string}
                         */
                        kind: "verification";
                    };
                    /** @description Within how long: 10m, 1h. */
                    window: string;
                    /**
                     * @description How bad that is.
                     * @enum {string}
                     */
                    severity: "low" | "medium" | "high" | "critical";
                    /**
                     * @description Whether it is held against the log.
                     * @default true
                     */
                    enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    removeAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that reading gave: refuse when it has changed since. */
                "If-Match"?: string;
            };
            path: {
                /** @description The whole name. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listAuditEvents: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
                /** @description Of this user alone; for auditors. */
                principal?: string;
                /** @description About this table. */
                object?: string;
                /** @description About this column, of the table or by its whole name. */
                column?: string;
                /** @description With this purpose. */
                purpose?: string;
                /** @description Decided so. */
                decision?: "allow" | "deny";
                /** @description Of this kind. */
                kind?: string;
                /** @description Of this statement. */
                statement?: string;
                /** @description From then on. */
                from?: string;
                /** @description Before then. */
                to?: string;
                /** @description Whether to show personal parts. */
                personal?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One page of them. */
                        items: components["schemas"]["AuditEvent"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listCheckpoints: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One page of them. */
                        items: components["schemas"]["Checkpoint"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getConsistencyProof: {
        parameters: {
            query: {
                /** @description The size of the older log. */
                first: number;
                /** @description The size of the newer log. */
                second: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hashes of RFC 9162. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The size of the older log. */
                        first: number;
                        /** @description The size of the newer log. */
                        second: number;
                        /** @description From the one to the other. */
                        proof: string[];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getEventProof: {
        parameters: {
            query?: {
                /** @description Up to a checkpoint of at most this size. */
                size?: number;
            };
            header?: never;
            path: {
                /** @description As events have it. */
                eventId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description From the event to the checkpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The event, as it is stored. */
                        event: string;
                        /** @description Its batch, as it is stored. */
                        batch: string;
                        /** @description From the event to the root of its batch. */
                        inBatch: string[];
                        /** @description The number of the batch in the log. */
                        position: number;
                        /** @description From the batch to the root of the log. */
                        inLog: string[];
                        /** @description Names the event. */
                        eventId: string;
                        checkpoint: components["schemas"]["Checkpoint"];
                        /** @description The key that signed the checkpoint; null: it is not known here. */
                        key: {
                            /** @description Names the key. */
                            kid: string;
                            /** @description A public key as verifiers of signed notes take it. */
                            vkey: string;
                            /** @description A public key as a JWK. */
                            jwk: {
                                [key: string]: unknown;
                            };
                        } | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    exportAuditLog: {
        parameters: {
            query?: {
                /** @description With personal parts. */
                personal?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One JSON value a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getPseudonyms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PseudonymQuestion"];
            };
        };
        responses: {
            /** @description In the order of the question. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description One for each user. */
                        items: {
                            /** @description The pseudonym. */
                            actor: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    eraseEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EraseEvents"];
            };
        };
        responses: {
            /** @description How many had personal parts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Ids of the events. */
                        events: string[];
                        /** @description How many had personal parts. */
                        erased: number;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getReceipt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listReportHistory: {
        parameters: {
            query?: {
                /** @description Items of a page, at most. */
                limit?: number;
                /** @description The nextCursor of the page before. */
                cursor?: string;
                /** @description Of this kind. */
                kind?: "access" | "denied" | "breach" | "policy-changes" | "entitlements" | "ropa" | "keys" | "retention" | "dsr" | "ccpa-metrics";
                /** @description Made by this schedule. */
                schedule?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Newest first. */
                        items: components["schemas"]["StoredReport"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getStoredReport: {
        parameters: {
            query?: {
                /** @description Before what Accept says. */
                format?: "json" | "html" | "csv" | "pdf";
                /** @description With CSV: this table alone. */
                section?: string;
                /** @description Whether to name people. */
                personal?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed; as a page, CSV or PDF with the same numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedReport"];
                    "text/html": string;
                    "text/csv": string;
                    "application/pdf": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            406: components["responses"]["Problem406"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listReportSchedules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description All of them. */
                        items: components["schemas"]["ReportSchedule"][];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    createReportSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateReportSchedule"];
            };
        };
        responses: {
            /** @description When it is made next. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportSchedule"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    removeReportSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As answers and lists give it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    listReports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description All of them. */
                        items: {
                            /**
                             * @description Which report.
                             * @enum {string}
                             */
                            kind: "access" | "denied" | "breach" | "policy-changes" | "entitlements" | "ropa" | "keys" | "retention" | "dsr" | "ccpa-metrics";
                            /** @description Its title. */
                            title: string;
                            /** @description What it tells. */
                            about: string;
                            /** @description Queries that it takes. */
                            filters: string[];
                        }[];
                        /** @description For the next page; null: this is the last. */
                        nextCursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
    getReport: {
        parameters: {
            query?: {
                /** @description About this user alone. */
                principal?: string;
                /** @description About this table. */
                object?: string;
                /** @description About this column. */
                column?: string;
                /** @description About this purpose. */
                purpose?: string;
                /** @description From then on. */
                from?: string;
                /** @description Before then. */
                to?: string;
                /** @description Before what Accept says. */
                format?: "json" | "html" | "csv" | "pdf";
                /** @description With CSV: this table alone. */
                section?: string;
                /** @description Whether to name people. */
                personal?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Which report. */
                kind: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed; as a page, CSV or PDF with the same numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedReport"];
                    "text/html": string;
                    "text/csv": string;
                    "application/pdf": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            406: components["responses"]["Problem406"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
        };
    };
}

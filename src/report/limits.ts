/** What the report keeps at most. More of a thing is left out, and the report says so. */
export const REPORT_LIMITS = {
  report_accounts: { default: 500_000, what: 'accounts' },
  report_conversations: { default: 1_000_000, what: 'conversations' },
  report_sessions: { default: 1_000_000, what: 'sessions' },
  report_findings: { default: 500_000, what: 'findings' },
  report_files: { default: 500_000, what: 'files' },
  report_connections: { default: 200_000, what: 'connections open at once' },
} as const satisfies Record<string, { readonly default: number; readonly what: string }>;

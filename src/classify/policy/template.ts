/** What `imspan policy init` writes. Of use as it is: every line that is not a comment holds on any network. */
export const POLICY_TEMPLATE = `# The policy of imspan: who may use which messenger for what. Reference: docs/POLICY.md
# Try it: imspan policy check FILE; imspan policy simulate FILE events.json
version: 2

# Of hours and of the last days of exceptions.
time_zone: UTC

# Your own networks. As "home" (and each by its name) they can stand in "subnets" and "servers".
home_networks:
  private: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 'fc00::/7']
  # office: [198.51.100.0/24, '2001:db8:1::/48']

# Domains of your people's accounts.
# inside: [example.com, '*.example.com']

# Lists of accounts: names, patterns, rows of a CSV file, departments of the registry of names.
# groups:
#   traders: [alice@example.com, 't-*@example.com', { network: aim, account: tradero }]
#   research: [{ csv: research.csv, column: account }]

# What holds where no rule matches.
default:
  verdict: alert
  severity: high
  reason: consumer networks are not authorised here

# Tried before all else. Each has its reason and its last day; after that it matches nothing.
# exceptions:
#   - name: press office until it has moved
#     networks: [aim]
#     subnets: [198.51.100.16/28]
#     verdict: notice
#     reason: ticket 4711
#     expires: 2030-12-31

# Clients below these versions have known holes; they are told wherever they are used.
minimum_versions:
  Pidgin: '2.14.14'
  Gaim: { version: '2.0', reason: succeeded by Pidgin }

# The first rule that matches decides.
rules:
  - name: remote control and desktop sharing
    features: [remote]
    verdict: alert
    severity: high
    reason: nobody is to be let in through a messenger
  - name: own servers
    networks: [xmpp, irc]
    servers: [home]
    verdict: allow
    reason: a server on our own networks is ours
  # - name: chat with customers, in working hours
  #   networks: [xmpp]
  #   domains: [example.com]
  #   hours: { days: mon-fri, from: '08:00', to: '18:00' }
  #   verdict: allow
  # - name: files
  #   features: [file]
  #   verdict: alert
  #   severity: medium

# Who may not talk to whom.
# walls:
#   - name: research and trading
#     between: [research, traders]
#     reason: information barrier
#   - name: traders stay inside
#     outside_of: traders
`;

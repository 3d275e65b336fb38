/** What a figure is measured in. */
export type Unit =
  'count' | 'share' | 'seconds' | 'bytes' | 'bits a second' | 'hours' | 'money' | 'messages' | 'people';

export interface FigureSpec {
  readonly title: string;
  readonly unit: Unit;
  /** How it comes about, exactly enough to count it again. */
  readonly definition: string;
  /** How far it may be off, and which way. */
  readonly uncertainty: string;
}

const LOSS = 'A lower bound: what the capture lost or could not read is missing.';
const SMALL = 'Exact for the events read; see the coverage of the capture.';
const ASSUMED = 'As good as the assumptions, which are shown beside it and can be set.';

/** Every figure of the report: docs/METRICS.md is made of this. */
export const FIGURES = {
  findings: {
    title: 'Findings',
    unit: 'count',
    definition:
      'Different `im.finding` of `alert` events; an alert without one counts by itself. Updates count with their finding.',
    uncertainty: SMALL,
  },
  severe: {
    title: 'Findings of high severity',
    unit: 'count',
    definition: 'Findings whose first alert has severity 1.',
    uncertainty: SMALL,
  },
  exposed: {
    title: 'Accounts with an exposed password',
    unit: 'count',
    definition: 'Accounts (network and name) with a sign-on whose `im.auth.exposed` is `password`.',
    uncertainty: LOSS,
  },
  unmanaged: {
    title: 'Accounts without an owner',
    unit: 'share',
    definition: 'Accounts signed on here of which no event has `im.person`, of all signed on here.',
    uncertainty: 'Without a registry of names all are without an owner.',
  },
  carried: {
    title: 'Sessions in a carrier',
    unit: 'share',
    definition: 'Sessions with an event that has `im.carrier` (proxy, tunnel, gateway), of all sessions.',
    uncertainty: 'A proxy that everybody has to use is a carrier, too.',
  },
  users: {
    title: 'Active users',
    unit: 'people',
    definition:
      'People (`im.person`; of an account without one, the account) who signed on or sent a message in the period.',
    uncertainty: 'Somebody with several unregistered accounts counts as several.',
  },
  conversations: {
    title: 'Conversations',
    unit: 'count',
    definition: 'Different `im.conversation` of `message` events.',
    uncertainty: LOSS,
  },
  messages: {
    title: 'Messages',
    unit: 'messages',
    definition:
      '`message` events that are no copy (`im.copy` is absent or `offline`), not the other side of a proxy (`im.second_leg_of`), and not the delivery of one whose sending was seen.',
    uncertainty: LOSS,
  },
  files: {
    title: 'Files',
    unit: 'count',
    definition:
      'Different `im.file.id` of `fileinfo` events, and of `file` events with the state `start` or `complete`.',
    uncertainty: LOSS,
  },
  response: {
    title: 'Response time, median',
    unit: 'seconds',
    definition:
      'Half of the answers came faster. An answer is a message of another person in the same conversation within an hour of the one before.',
    uncertainty: 'Within 10%: times are counted in classes. Answers in encrypted connections are not seen.',
  },
  internal: {
    title: 'Conversations among ourselves',
    unit: 'share',
    definition:
      'Conversations of which every member signed on here or has an owner in the registry, of all whose members are known.',
    uncertainty:
      'A colleague outside the view of the capture counts as external unless the registry knows the name.',
  },
  business: {
    title: 'Messages in business hours',
    unit: 'share',
    definition:
      'Messages on Monday to Friday between `workday_starts` and `workday_ends`, local time, of all.',
    uncertainty: 'Public holidays are working days here.',
  },
  departments: {
    title: 'Departments that use it',
    unit: 'count',
    definition: 'Different `im.department` among active users.',
    uncertainty: 'Needs a registry with departments.',
  },
  mails: {
    title: 'Mails avoided',
    unit: 'count',
    definition: '`conversations` x `conversations_for_mail` x `mails_a_conversation`.',
    uncertainty: ASSUMED,
  },
  calls: {
    title: 'Calls avoided',
    unit: 'count',
    definition: '`conversations` x `conversations_for_calls`.',
    uncertainty: ASSUMED,
  },
  time_saved: {
    title: 'Working time saved',
    unit: 'hours',
    definition:
      'Mails avoided x `minutes_a_mail` + calls avoided x 2 x `minutes_a_call` - the conversations that replace them x 2 x `minutes_a_conversation`.',
    uncertainty: ASSUMED,
  },
  money_saved: {
    title: 'Worth of the time saved',
    unit: 'money',
    definition: 'Working time saved x `cost_an_hour`.',
    uncertainty: ASSUMED,
  },
  peak: {
    title: 'Concurrent sessions, peak',
    unit: 'count',
    definition: 'Most sessions in one minute. A session lasts from its first event to its last.',
    uncertainty: 'A session without a sign-on or sign-off in view is longer than it looks.',
  },
  p95: {
    title: 'Concurrent sessions, 95th percentile',
    unit: 'count',
    definition: 'In 95% of the minutes between the first and the last session there were no more at once.',
    uncertainty: 'As for the peak.',
  },
  busiest: {
    title: 'Messages in the busiest hour',
    unit: 'messages',
    definition: 'Most messages in one hour of the calendar.',
    uncertainty: LOSS,
  },
  bandwidth: {
    title: 'Bandwidth in the busiest hour',
    unit: 'bits a second',
    definition:
      'Bytes of IM flows, spread evenly over their duration, in the hour of the calendar with most of them, in bits, divided by 3600.',
    uncertainty: 'Needs `flow` events. Within an hour the rate was higher at times.',
  },
  volume: {
    title: 'Bytes of IM connections',
    unit: 'bytes',
    definition: 'Sum of `flow.bytes_toserver` and `flow.bytes_toclient` of `flow` events with `im.service`.',
    uncertainty: 'Counts frames as captured, with their headers.',
  },
  storage: {
    title: 'Storage of a month of events',
    unit: 'bytes',
    definition: 'Bytes of the event log as read, divided by the days seen, times 30. Uncompressed.',
    uncertainty: 'As even as the days are; the forecast says how even.',
  },
  owners: {
    title: 'Accounts with an owner',
    unit: 'count',
    definition: 'Accounts signed on here of which an event has `im.person`.',
    uncertainty: SMALL,
  },
  shared: {
    title: 'People with several accounts',
    unit: 'people',
    definition: 'Different `im.person` with more than one account signed on here.',
    uncertainty: SMALL,
  },
  charged: {
    title: 'Cost charged back',
    unit: 'money',
    definition:
      '`cost_a_month` for each 30 days of the period, divided among departments by their share of the messages sent; what no department sent is charged to none.',
    uncertainty: ASSUMED,
  },
} as const satisfies Record<string, FigureSpec>;

export type FigureId = keyof typeof FIGURES;

import { PollRig } from '../../support/poll-rig';
import { itTellsDeletionsAndChanges } from './support/deletions-suite';

itTellsDeletionsAndChanges((options) => PollRig.start(options));

import { run } from '../../../nodes/command/sagecrm-migrate';

run();

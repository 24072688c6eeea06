/* Tells what becomes of jobs: each of their steps, and how far a search is. For the loop's thread.
 */
#ifndef NODE_NODE_JOB_EVENTS_H
#define NODE_NODE_JOB_EVENTS_H

struct node;

/* Tells what has changed since the last call, and every five seconds of a search. */
void node_job_events(struct node *n);

#endif

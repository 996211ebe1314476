#ifndef CELLWRIGHT_ABI_MECHANISM_ABI_H
#define CELLWRIGHT_ABI_MECHANISM_ABI_H
/*
 * The contract between generated mechanism code and the engine: plain C, versioned.
 *
 * One cw_mechanism describes a mechanism (from a .mod file): its variables, ions and functions. The engine owns all
 * memory; generated code owns none and keeps no state, so that any number of threads may run it on different blocks.
 *
 * Lanes. A lane is one individual in one protocol. CELLWRIGHT_LANES (W) lanes form a pack and are stored innermost:
 * element `lane` of row `r` of an array is a[r * W + lane]. Every array is aligned to CELLWRIGHT_ALIGNMENT bytes at row
 * 0. Nothing that a lane computes may depend on another lane.
 *
 * Units are NEURON's: mV, ms, mA/cm2 (density currents), nA (point processes), S/cm2, uS, mM, um, um2, degC.
 */
#include <stdint.h>

#define CELLWRIGHT_ABI_VERSION 7
#ifndef CELLWRIGHT_LANES
#define CELLWRIGHT_LANES 8 /* docs/decisions/0003-lanes-and-kernels.md */
#endif
#define CELLWRIGHT_ALIGNMENT 64

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers of the rows of W lanes. Generated code is compiled for one kind (cw_mechanism.real_bytes and .lanes say
 * for which); where the pointers below are filled in, they point to such numbers. Times, weights and what is the same
 * in all lanes are doubles always. */
#ifndef CELLWRIGHT_REAL
#define CELLWRIGHT_REAL double
#endif
typedef CELLWRIGHT_REAL cw_real;

/* 1: generated code has the functions `rates` and `currents` of cw_derivatives. The engine does without them, and
 * compiling them takes time: for tests (ToolchainSettings::derivatives). */
#ifndef CELLWRIGHT_DERIVATIVES
#define CELLWRIGHT_DERIVATIVES 0
#endif

enum cw_mechanism_kind { CW_DENSITY = 0, CW_POINT_PROCESS = 1, CW_ARTIFICIAL_CELL = 2 };

/* Which quantities of an ion a mechanism reads or writes (bits of cw_ion.reads and cw_ion.writes). */
enum cw_ion_quantity { CW_ION_E = 1, CW_ION_I = 2, CW_ION_CI = 4, CW_ION_CO = 8 };

/* How the code was generated and compiled. */
enum cw_numeric_mode { CW_STRICT = 0, CW_FAST = 1 };

/* A variable as the user sees it. */
typedef struct cw_variable {
  const char* name;     /* without suffix: "gnabar" */
  const char* unit;     /* "S/cm2", or "" */
  double default_value; /* of a PARAMETER, else 0 */
  int32_t array_size;   /* an array x[n] takes n consecutive rows of its table: x (with n here), x[1], ...; else 1 */
  int32_t transient;    /* of var: every phase assigns it before reading it; see cw_mechanism.lean_state */
} cw_variable;

typedef struct cw_ion {
  const char* name; /* "na": the variables are ena, ina, nai, nao */
  int32_t valence;  /* 0: not stated */
  uint32_t reads;   /* cw_ion_quantity bits */
  uint32_t writes;
} cw_ion;

/* The ion variables as one block of instances sees them. A slot is a compartment in which the ion exists. */
typedef struct cw_ion_view {
  const int32_t* slot; /* [n_instances] row in the arrays below */
  cw_real* e;          /* [n_slots * W] reversal potential, mV */
  cw_real* i;          /* [n_slots * W] summed current, mA/cm2: `current` adds to it. NULL: nobody looks at it */
  cw_real* ci;         /* [n_slots * W] inner concentration, mM */
  cw_real* co;         /* [n_slots * W] outer concentration, mM */
  /* Variable step only: by how much i, ci and co follow a change of the node's v, [n_slots * W] each. */
  cw_real* i_slope; /* NULL: nobody reads i, which is then left alone */
  cw_real* ci_slope;
  cw_real* co_slope;
} cw_ion_view;

/* One Random123 stream (Philox 4x32-10) of an instance in a lane: RANDOM variables, and the BBCOREPOINTERs of mods
 * whose VERBATIM draws random numbers. The engine sets the identifiers and the sequence; generated code draws and
 * advances. */
typedef struct cw_random {
  uint32_t key[2];     /* globalindex, 0 */
  uint32_t counter[4]; /* sequence, id3, id1, id2 */
  uint32_t words[4];   /* the current block of the stream */
  uint32_t next;       /* the next of the four words */
  uint32_t is_set;     /* 0: the model gave no identifiers */
} cw_random;

/* A list of numbers that the model gives to an instance in a lane, such as the event times of a VecStim. The engine
 * owns the values, which do not change while it runs; generated code only reads them (docs/decisions/0006-verbatim.md).
 */
typedef struct cw_vector {
  const double* value; /* [size]; NULL: the model gave no list */
  int64_t size;
} cw_vector;

/*
 * What generated code may ask the engine's event queue for. Times are absolute, ms. `connection` identifies the
 * weights of the net_receive that is running (-1: none, as in INITIAL): a self event sees them again.
 */
typedef struct cw_events {
  void* self;
  void (*net_send)(void* self, int32_t block, int32_t instance, int32_t lane, double time, double flag,
                   int32_t connection);
  void (*net_event)(void* self, int32_t block, int32_t instance, int32_t lane, double time);
  void (*net_move)(void* self, int32_t block, int32_t instance, int32_t lane, double time);
  /* WATCH: starts to watch `condition` of the instance. The first one of a net_receive call ends the instance's earlier
   * ones. */
  void (*watch)(void* self, int32_t block, int32_t instance, int32_t lane, int32_t condition, double flag);
  const void* reserved[4];
} cw_events;

/* One delivery to one instance in one lane. */
typedef struct cw_net_call {
  int32_t instance, lane;
  int32_t connection; /* passed on to net_send */
  double t;           /* exact time of the event, ms */
  double flag;        /* 0: from outside; else the flag of net_send or WATCH */
  double* weight;     /* [n_weights] of the connection; zeros that are thrown away where connection is -1 */
} cw_net_call;

/* mV; see cw_block.v_is_usual. */
#define CW_USUAL_V 250.0

/* All instances of one mechanism in one pack. */
typedef struct cw_block {
  int32_t n_instances;
  const int32_t* node;      /* [n_instances] row of v, rhs, d, area, diam; ascending for density mechanisms */
  const int32_t* param_row; /* [n_instances] row of the RANGE parameters: instances with equal values share one */
  cw_real* const* param;    /* [n_params] each [n_rows * W]: RANGE PARAMETERs */
  cw_real* const* var;      /* [n_vars] each [n_instances * W]: STATEs, then ASSIGNEDs that are not GLOBAL */
  cw_real* const* global; /* [n_globals] each [W]: PARAMETERs that are not RANGE, GLOBAL ASSIGNEDs, file-level LOCALs */
  const cw_ion_view* ion; /* [n_ions] in the order of cw_mechanism.ion */
  cw_real* v;             /* [n_nodes * W]; only `net_receive` assigns it */
  cw_real* rhs;           /* [n_nodes * W] `current` subtracts the membrane current density (electrode: adds), mA/cm2 */
  cw_real* d;             /* [n_nodes * W] `current` adds dI/dv (electrode: subtracts), S/cm2 */
  const double* area;     /* [n_nodes] um2; 100 at nodes without membrane */
  const double* diam;     /* [n_nodes] um */
  const cw_real* celsius; /* [W] */
  const double* t;        /* [W] time that the phase sees: t + dt/2 in `current`, t + dt in `state` */
  const double* dt;       /* [W] */
  cw_real* table;         /* [W * table_values] storage of the TABLEs; see build_tables */
  int32_t* table_offset;  /* [W] first value of the lane's tables in `table`: lanes with equal DEPENDs share them */
  int32_t id;             /* the block's number, for cw_events */
  cw_real* const* const*
      pointer;              /* [n_pointers] each [n_instances]: the W values that a POINTER refers to; NULL: not set */
  cw_random* const* random; /* [n_randoms] each [n_instances * W] */
  const cw_events* events;  /* never NULL for a mechanism with net_receive */
  const cw_vector* const* vector; /* [n_vectors] each [n_instances * W] */
  cw_real* const* rest; /* [n_rests] each [n_instances * W]; with cw_real float only: what a STATE has been rounded by,
                           so that x + rest follows changes that are too small beside x. `state` keeps it; 0 at first */
  const int32_t* v_is_usual; /* not 0: no number in v is above CW_USUAL_V in size. What follows from that saves time in
                                `state` and `implicit`; the results are the same bits. NULL: it is not known */
} cw_block;

typedef void (*cw_function)(const cw_block* block);
typedef void (*cw_net_function)(const cw_block* block, const cw_net_call* call);
/* Left minus right side of a WATCH condition (swapped for <): it fires when this becomes positive. */
typedef double (*cw_watch_function)(const cw_block* block, int32_t instance, int32_t lane, int32_t condition);

/* BEFORE and AFTER blocks: called at NEURON's places (neuron-semantics 3.1, 3.2). */
enum cw_hook { CW_BEFORE_INITIAL, CW_AFTER_INITIAL, CW_BEFORE_BREAKPOINT, CW_AFTER_SOLVE, CW_BEFORE_STEP, CW_HOOKS };

/* What a function of cw_derivatives computes: one row of [n_instances * W] values for each cw_output. */
enum cw_output_kind {
  CW_RATE = 0,  /* x' of a state that is not linear in itself, or whose equation reads other states */
  CW_RATE_A,    /* A of x' = A - B x; A and B are free of all states of the mechanism */
  CW_RATE_B,    /* B, 1/ms */
  CW_CURRENT,   /* a current */
  CW_ION_VALUE, /* an ion's e, ci or co that BREAKPOINT or the equations assign (states that are concentrations have
                   rates) */
};
/* The value itself, or its partial derivative by ... everything else held constant. */
enum cw_by {
  CW_BY_NOTHING = 0, /* the value */
  CW_BY_V,
  CW_BY_STATE, /* `index`: of cw_derivatives.state */
  CW_BY_ION    /* `index`: of cw_mechanism.ion; `quantity`: a cw_ion_quantity that the mechanism reads */
};
typedef struct cw_output {
  int32_t kind;     /* cw_output_kind */
  int32_t of;       /* index into cw_derivatives: state (rates), current, or ion_value */
  int32_t by;       /* cw_by */
  int32_t index;    /* see cw_by; else 0 */
  int32_t quantity; /* see cw_by; else 0 */
} cw_output;

/* An unknown of the variable step besides v: a STATE, or an element of one, that has an equation. */
typedef struct cw_rate_state {
  int32_t var;      /* row of cw_block.var, or -1: a concentration or e of an ion */
  int32_t ion;      /* var -1: index of cw_mechanism.ion */
  int32_t quantity; /* var -1: cw_ion_quantity */
  int32_t linear;   /* 1: outputs CW_RATE_A and CW_RATE_B; 0: output CW_RATE */
  int32_t slow;     /* 1: an implicit step takes it for independent of the new v, its `slope` stays as it is */
} cw_rate_state;

typedef struct cw_current {
  int32_t var;       /* row of cw_block.var where `current` leaves it, or -1 */
  int32_t ion;       /* index of cw_mechanism.ion, or -1 */
  int32_t electrode; /* 1: an ELECTRODE_CURRENT, positive inwards */
} cw_current;

typedef struct cw_ion_value {
  int32_t ion, quantity;
} cw_ion_value;

/*
 * For implicit variable steps (docs/decisions/0005-derivatives.md): right-hand sides and currents at (t, v, states,
 * ions), with their derivatives. The equations are evaluated as they are written, all at the same states (not one after
 * the other, as cnexp does).
 *
 * Both functions only read the block (v, states, ions, parameters, t; not dt) and write out[k] for every output k:
 * `out[k]` has n_instances * W values, aligned as all rows. An output that is missing from the list is identically
 * zero; a value that has an entry is there even if it is constant. Several out[k] may be the same scratch row.
 * Units: states' units per ms; currents as `current` adds them to rhs and d: mA/cm2 and S/cm2 = mA/cm2/mV, point
 * processes already multiplied by 100/area.
 * Where a table, an IF, floor or a comparison makes a corner, the derivative is that of the piece that v lies on.
 */
typedef void (*cw_output_function)(const cw_block* block, cw_real* const* out);

/*
 * One iteration of an implicit step (docs/decisions/0008-variable-step.md): x' at the new time is a0 x + H, where H is
 * a weighted sum of past points of x. The block's v is a prediction of the new v, t the new time. With cw_real float it
 * is a0 (x - x_0) + H, with H a sum of the differences to x_0, the first point: what changes is then rounded, not what
 * there is.
 */
#define CW_HISTORY_POINTS 5
typedef struct cw_implicit_step {
  const cw_real* a0;           /* [W] 1/ms */
  const cw_real* weight;       /* [CW_HISTORY_POINTS * W] of the points in H, 1/ms */
  const cw_real* const* point; /* [n_states of cw_derivatives * CW_HISTORY_POINTS] each [n_instances * W] */
  cw_real* const* slope;       /* [n_states] each [n_instances * W]: dx/dv on return */
} cw_implicit_step;
/*
 * Leaves the states at the new time as functions of v, to first order around the predicted v: x where the state stands
 * (row of `var`, or the ion's), dx/dv in `slope`. Subtracts the currents at that x and v from rhs and adds their whole
 * derivative by v, with what the states contribute, to d; adds currents to the ions' i and i_slope where there are
 * such; sets ci_slope and co_slope of concentrations that it computes. Electrode currents have the other sign. With
 * `coupled` the states hold predictions on entry; without, what they hold is not read.
 */
typedef void (*cw_implicit_function)(const cw_block* block, const cw_implicit_step* step);
/* The times at which a step must end and the next begin anew, as the mechanism tells them by at_time(), or -1: out[k]
 * has n_instances * W values. They depend on parameters and on what INITIAL and NET_RECEIVE leave behind. */
typedef void (*cw_jump_function)(const cw_block* block, double* const* out);
typedef struct cw_derivatives {
  int32_t n_states, n_currents, n_ion_values;
  int32_t n_rate_outputs, n_current_outputs;
  const cw_rate_state* state;
  const cw_current* current; /* in NEURON's order */
  const cw_ion_value* ion_value;
  const cw_output* rate_output; /* each state's values before its derivatives */
  const cw_output* current_output;
  cw_output_function rates;      /* NULL without rate outputs, and where CELLWRIGHT_DERIVATIVES is 0 */
  cw_output_function currents;   /* NULL without current outputs, and where CELLWRIGHT_DERIVATIVES is 0 */
  cw_implicit_function implicit; /* NULL without outputs */
  int64_t coupled; /* 1: some state is not linear in itself, or reads another: `implicit` solves for all at once */
  int64_t n_jumps;
  cw_jump_function jumps; /* NULL without at_time() */
} cw_derivatives;

/*
 * The functions, in the order in which a fixed step calls them (neuron-semantics: staggered step, secondorder 0):
 *   build_tables  once per initialisation, before init: fills table and table_offset. NULL without TABLE.
 *   init          the INITIAL block. The engine has set STATEs to their x0 parameter or 0.
 *   current       the BREAKPOINT without SOLVE, at v + 0.001 mV and then at v; accumulates rhs, d and ion currents;
 * what it leaves in `var` are the values at v. NULL for a mechanism without currents. state         the SOLVEs (with a
 * current-less mechanism's BREAKPOINT after them), with the new v and the full dt. NULL where there is nothing to do.
 *   lean_...      the same three without the transient variables, whose entries in `var` may then be NULL: what runs
 *                 where nothing records or points to a transient variable.
 *   net_init      the INITIAL block of NET_RECEIVE, once per connection at initialisation; NULL: the engine then sets
 * all weights but the first to 0. net_receive   one event for one instance in one lane. `flag` 0 or what net_send and
 * WATCH gave. watch         the value that the engine tests at the start of each step for conditions that are being
 * watched. An ARTIFICIAL_CELL has no node (block.node is NULL), only init and net_receive. Generated code of another
 * ABI version is refused and generated anew.
 */
typedef struct cw_mechanism {
  uint32_t abi_version;
  uint32_t lanes;
  uint32_t real_bytes;
  uint32_t numeric_mode; /* cw_numeric_mode */
  const char* name;      /* SUFFIX or POINT_PROCESS name */
  int32_t kind;          /* cw_mechanism_kind */
  int32_t n_params, n_vars, n_states, n_globals, n_ions;
  const cw_variable* param;
  const cw_variable* var; /* the first n_states are STATEs */
  const cw_variable* global;
  const cw_ion* ion;
  const int32_t* state_initial; /* [n_states] how x starts: -1: 0; p >= 0: RANGE parameter p; -2 - g: global g */
  int64_t table_values;         /* values per lane that the TABLEs need; 0 without TABLE */
  int32_t writes_concentration;
  int32_t fixed_step_only; /* no variable step: see no_derivatives */
  cw_function build_tables;
  cw_function init;
  cw_function current;
  cw_function state;
  cw_function lean_init, lean_current, lean_state;
  int32_t n_pointers, n_randoms, n_weights, n_watches;
  const cw_variable* pointer;
  const cw_variable* random;
  const cw_variable* weight; /* the arguments of NET_RECEIVE */
  cw_net_function net_init;
  cw_net_function net_receive;
  cw_watch_function watch;
  cw_function hook[CW_HOOKS];
  const cw_derivatives* derivatives; /* for variable steps; NULL with fixed_step_only */
  int64_t n_vectors;
  const cw_variable* vector;
  const char* no_derivatives; /* why derivatives is NULL ("it reads dt"); else NULL */
  int64_t n_rests;
  const void* reserved[4];
} cw_mechanism;

/* The one symbol of a compiled mechanism library: its mechanisms, `*count` of them. */
typedef const cw_mechanism* (*cw_library_entry)(int32_t* count);
#define CELLWRIGHT_LIBRARY_ENTRY "cellwright_mechanisms"

#ifdef __cplusplus
}
#endif
#endif

#ifndef CELLWRIGHT_ABI_MECHANISM_ABI_H
#define CELLWRIGHT_ABI_MECHANISM_ABI_H
/*
 * The contract between generated mechanism code and the engine: plain C, versioned.
 *
 * One cw_mechanism describes a mechanism (from a .mod file): its variables, ions and functions. The engine owns all
 * memory; generated code owns none and keeps no state, so that any number of threads may run it on different blocks.
 *
 * Lanes. A lane is one individual in one protocol. CELLWRIGHT_LANES (W) lanes form a pack and are stored innermost:
 * element `lane` of row `r` of an array is a[r * W + lane]. Every array is aligned to CELLWRIGHT_ALIGNMENT bytes at row 0.
 * Nothing that a lane computes may depend on another lane.
 *
 * Units are NEURON's: mV, ms, mA/cm2 (density currents), nA (point processes), S/cm2, uS, mM, um, um2, degC.
 */
#include <stdint.h>

#define CELLWRIGHT_ABI_VERSION 1
#ifndef CELLWRIGHT_LANES
#define CELLWRIGHT_LANES 8 /* docs/decisions/0003-lanes-and-kernels.md */
#endif
#define CELLWRIGHT_ALIGNMENT 64

#ifdef __cplusplus
extern "C" {
#endif

typedef double cw_real;

enum cw_mechanism_kind { CW_DENSITY = 0, CW_POINT_PROCESS = 1, CW_ARTIFICIAL_CELL = 2 };

/* Which quantities of an ion a mechanism reads or writes (bits of cw_ion.reads and cw_ion.writes). */
enum cw_ion_quantity { CW_ION_E = 1, CW_ION_I = 2, CW_ION_CI = 4, CW_ION_CO = 8 };

/* How the code was generated and compiled. */
enum cw_numeric_mode { CW_STRICT = 0, CW_FAST = 1 };

/* A variable as the user sees it. */
typedef struct cw_variable {
  const char* name;       /* without suffix: "gnabar" */
  const char* unit;       /* "S/cm2", or "" */
  cw_real default_value;  /* of a PARAMETER, else 0 */
  int32_t array_size;     /* an array x[n] takes n consecutive rows of its table: x (with n here), x[1], ...; else 1 */
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
  cw_real* i;          /* [n_slots * W] summed current, mA/cm2: `current` adds to it */
  cw_real* ci;         /* [n_slots * W] inner concentration, mM */
  cw_real* co;         /* [n_slots * W] outer concentration, mM */
} cw_ion_view;

/* All instances of one mechanism in one pack. */
typedef struct cw_block {
  int32_t n_instances;
  const int32_t* node;       /* [n_instances] row of v, rhs, d, area, diam; ascending for density mechanisms */
  const int32_t* param_row;  /* [n_instances] row of the RANGE parameters: instances with equal values share one */
  cw_real* const* param;     /* [n_params] each [n_rows * W]: RANGE PARAMETERs */
  cw_real* const* var;       /* [n_vars] each [n_instances * W]: STATEs, then ASSIGNEDs that are not GLOBAL */
  cw_real* const* global;    /* [n_globals] each [W]: PARAMETERs that are not RANGE, GLOBAL ASSIGNEDs, file-level LOCALs */
  const cw_ion_view* ion;    /* [n_ions] in the order of cw_mechanism.ion */
  const cw_real* v;          /* [n_nodes * W] */
  cw_real* rhs;              /* [n_nodes * W] `current` subtracts the membrane current density (electrode: adds), mA/cm2 */
  cw_real* d;                /* [n_nodes * W] `current` adds dI/dv (electrode: subtracts), S/cm2 */
  const cw_real* area;       /* [n_nodes] um2; 100 at nodes without membrane */
  const cw_real* diam;       /* [n_nodes] um */
  const cw_real* celsius;    /* [W] */
  const cw_real* t;          /* [W] time that the phase sees: t + dt/2 in `current`, t + dt in `state` */
  const cw_real* dt;         /* [W] */
  cw_real* table;            /* [W * table_values] storage of the TABLEs; see build_tables */
  int32_t* table_offset;     /* [W] first value of the lane's tables in `table`: lanes with equal DEPENDs share them */
} cw_block;

typedef void (*cw_function)(const cw_block* block);

/*
 * The functions, in the order in which a fixed step calls them (neuron-semantics: staggered step, secondorder 0):
 *   build_tables  once per initialisation, before init: fills table and table_offset. NULL without TABLE.
 *   init          the INITIAL block. The engine has set STATEs to their x0 parameter or 0.
 *   current       the BREAKPOINT without SOLVE, at v + 0.001 mV and then at v; accumulates rhs, d and ion currents; what
 *                 it leaves in `var` are the values at v. NULL for a mechanism without currents.
 *   state         the SOLVEs (with a current-less mechanism's BREAKPOINT after them), with the new v and the full dt.
 *                 NULL where there is nothing to do.
 * The variable step's functions (right-hand sides A, B, their derivatives by v, dI/dv, dI/dstate) come behind `reserved`
 * with a later ABI version; generated code of another version is refused and generated anew.
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
  int32_t fixed_step_only; /* reads dt or SOLVEs a PROCEDURE: no variable step */
  cw_function build_tables;
  cw_function init;
  cw_function current;
  cw_function state;
  const void* reserved[8];
} cw_mechanism;

/* The one symbol of a compiled mechanism library: its mechanisms, `*count` of them. */
typedef const cw_mechanism* (*cw_library_entry)(int32_t* count);
#define CELLWRIGHT_LIBRARY_ENTRY "cellwright_mechanisms"

#ifdef __cplusplus
}
#endif
#endif

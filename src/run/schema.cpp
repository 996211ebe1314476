#include "cellwright/run/schema.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::run {
namespace {

using enum ValueType;
using enum KeySupport;

constexpr KeyRow cell_keys[] = {
    {.name = "name",
     .type = text,
     .default_value = "the file's name",
     .doc = "Name of the problem; the run directory is called after it."},
    {.name = "morphology",
     .type = object,
     .element = "morphology",
     .doc = "The cell's shape.",
     .required = true,
     .or_path = true},
    {.name = "model",
     .type = object,
     .element = "model",
     .doc = "A cell that exists as hoc; only the engine neuron can run it.",
     .or_path = true},
    {.name = "mechanisms",
     .type = object,
     .element = "mechanisms",
     .doc = "Which mechanisms are inserted where.",
     .or_path = true},
    {.name = "parameters",
     .type = list,
     .element = "parameter",
     .doc = "Parameters in order of assignment; the free ones in the order of the optimisation vector.",
     .required = true,
     .or_path = true},
    {.name = "locations",
     .type = map,
     .element = "location",
     .doc = "Places on the cell; `soma` is there by default.",
     .or_path = true},
    {.name = "protocols",
     .type = map,
     .element = "protocol",
     .doc = "What is injected and recorded.",
     .required = true,
     .or_path = true},
    {.name = "features",
     .type = map,
     .element = "protocol_features",
     .doc = "protocol -> location -> eFEL feature -> [mean, std].",
     .or_path = true},
    {.name = "feature_settings",
     .type = list,
     .element = "feature_setting",
     .doc = "Overrides for the features that match; entries merge key by key in order.",
     .or_path = true},
    {.name = "objectives",
     .type = list,
     .element = "objective",
     .doc = "Groups of features; every feature that is in none is an objective of its own. The groups come last.",
     .or_path = true},
    {.name = "simulator", .type = object, .element = "simulator", .doc = "How it is simulated.", .or_path = true},
    {.name = "evaluation",
     .type = object,
     .element = "evaluation",
     .doc = "How an individual is evaluated.",
     .or_path = true},
};

constexpr KeyRow model_keys[] = {
    {.name = "hoc", .type = text, .doc = "Path of a hoc file with a cell template."},
    {.name = "hoc_string", .type = text, .doc = "Instead of hoc: the text itself."},
    {.name = "template", .type = text, .default_value = "the first begintemplate's", .doc = "Name of the template."},
};

constexpr KeyRow morphology_keys[] = {
    {.name = "file", .type = text, .doc = "Path of the morphology (.swc).", .required = true},
    {.name = "replace_axon",
     .type = boolean,
     .default_value = "false",
     .doc = "Replace the axon by a stub of two sections."},
    {.name = "nseg_frequency",
     .type = number_or_null,
     .unit = "um",
     .default_value = "40",
     .doc = "nseg = 1 + 2*trunc(L/nseg_frequency); null leaves nseg at 1."},
    {.name = "axon_stub_length",
     .type = number,
     .unit = "um",
     .default_value = "60",
     .doc = "Length of the stub that replaces the axon; its diameter is also looked for at that distance."},
    {.name = "axon_nseg_frequency",
     .type = number,
     .unit = "um",
     .default_value = "40",
     .doc = "nseg_frequency of the stub."},
    {.name = "do_set_nseg",
     .type = boolean,
     .default_value = "true",
     .doc = "false: nseg stays 1, as with nseg_frequency null."},
    {.name = "morph_modifiers",
     .type = list,
     .element = "text",
     .default_value = "[]",
     .doc = "Functions that change the cell afterwards, by name, in order: replace_axon."},
    {.name = "morph_modifiers_kwargs",
     .type = map,
     .element = "number",
     .default_value = "{}",
     .doc = "Arguments of each of them: axon_stub_length (60 um) and axon_nseg_frequency (40 um) of replace_axon."},
    {.name = "morph_modifiers_hoc",
     .type = list,
     .element = "text",
     .default_value = "[]",
     .doc = "hoc text for them in `export hoc`, where the template calls replace_axon(); nothing else reads it."},
    {.name = "replace_axon_hoc",
     .type = text,
     .doc = "`proc replace_axon()` for `export hoc` in place of the rule's own; nothing else reads it."},
    {.name = "do_replace_axon", .type = boolean, .default_value = "false", .doc = "The API's name of replace_axon."},
};

constexpr KeyRow mechanisms_keys[] = {
    {.name = "directories",
     .type = list,
     .element = "text",
     .default_value = "[]",
     .doc = "Folders searched for *.mod, not below."},
    {.name = "insert", .type = map, .element = "insertion", .doc = "Section list -> suffixes.", .or_path = true},
    {.name = "point_processes", .type = list, .element = "point_process", .doc = "Point processes on the cell."},
    {.name = "artificial_cells",
     .type = list,
     .element = "artificial_cell",
     .doc = "Artificial cells that all protocols share; netstim stimuli bring their own."},
    {.name = "connections",
     .type = list,
     .element = "connection",
     .doc = "What carries events to point processes, in order of creation."},
    {.name = "pointers", .type = list, .element = "pointer", .doc = "What the POINTERs of point processes refer to."},
    {.name = "random_streams",
     .type = list,
     .element = "random_stream",
     .doc = "Identifiers of random streams; NetStims have NEURON's by default."},
    {.name = "number_lists",
     .type = list,
     .element = "number_list",
     .doc = "Lists of numbers for point processes and artificial cells, such as the event times of a VecStim."},
};

constexpr KeyRow insertion_keys[] = {
    {.name = "suffix", .type = text, .doc = "SUFFIX of the mechanism.", .required = true},
    {.name = "deterministic",
     .type = boolean,
     .default_value = "true",
     .doc = "false: the mechanism, whose SUFFIX contains 'Stoch', draws random numbers."},
};

constexpr KeyRow point_process_keys[] = {
    {.name = "name", .type = text, .doc = "Unique name.", .required = true},
    {.name = "suffix", .type = text, .doc = "POINT_PROCESS name of the mechanism.", .required = true},
    {.name = "location",
     .type = text_or_list,
     .doc = "Name of a location, or several: one point process at each.",
     .required = true},
};

constexpr KeyRow artificial_cell_keys[] = {
    {.name = "name", .type = text, .doc = "Unique name.", .required = true},
    {.name = "suffix",
     .type = text,
     .doc = "ARTIFICIAL_CELL name of the mechanism, such as NetStim.",
     .required = true},
};

constexpr KeyRow connection_keys[] = {
    {.name = "source", .type = text, .doc = "A point process or artificial cell whose events it carries."},
    {.name = "location", .type = text, .doc = "Instead of source: where v is compared with the threshold."},
    {.name = "threshold",
     .type = number,
     .unit = "mV",
     .default_value = "10",
     .doc = "An event is sent when v rises above it."},
    {.name = "target", .type = text, .doc = "The point process or artificial cell that receives.", .required = true},
    {.name = "weight",
     .type = list,
     .element = "number",
     .default_value = "[]",
     .doc = "The first arguments of NET_RECEIVE; the others start at 0."},
    {.name = "delay", .type = number, .unit = "ms", .default_value = "1", .doc = "From the event to its arrival."},
};

constexpr KeyRow pointer_keys[] = {
    {.name = "point_process", .type = text, .doc = "The point process that has the POINTER.", .required = true},
    {.name = "pointer", .type = text, .doc = "The POINTER's name.", .required = true},
    {.name = "location", .type = text, .doc = "A location or another point process.", .required = true},
    {.name = "var", .type = text, .default_value = "\"v\"", .doc = "Variable there."},
};

constexpr KeyRow number_list_keys[] = {
    {.name = "point_process", .type = text, .doc = "The point process or artificial cell.", .required = true},
    {.name = "variable",
     .type = text,
     .doc = "The variable of the mod file that stands for the list.",
     .required = true},
    {.name = "values", .type = list, .element = "number", .doc = "The numbers.", .required = true},
};

constexpr KeyRow random_stream_keys[] = {
    {.name = "point_process", .type = text, .doc = "The point process or artificial cell.", .required = true},
    {.name = "variable", .type = text, .doc = "Its RANDOM variable.", .required = true},
    {.name = "ids",
     .type = list,
     .element = "number",
     .doc = "One to three whole numbers: id1, id2, id3 of Random123.",
     .required = true},
    {.name = "sequence", .type = integer, .default_value = "0", .doc = "Where the stream starts."},
};

constexpr KeyRow parameter_keys[] = {
    {.name = "name",
     .type = text,
     .default_value = "param_name.sectionlist",
     .doc = "Full name, unique in the file; a global's default is param_name."},
    {.name = "param_name",
     .type = text,
     .doc = "NEURON's variable, such as gnabar_hh; all types but meta and meta_list_equal need it."},
    {.name = "type",
     .type = text,
     .doc = "How it is written into the cell.",
     .choices = "global|section|range|point_process|meta|meta_list_equal",
     .required = true},
    {.name = "sectionlist",
     .type = text_or_list,
     .doc = "all, somatic, basal, apical, axonal, myelinated, or the arrays soma, dend, apic, axon, myelin; several as "
            "a list (then with a name)."},
    {.name = "value", .type = number, .doc = "Frozen value; wins over bounds."},
    {.name = "bounds", .type = pair, .doc = "[lower, upper] of a free parameter."},
    {.name = "mech", .type = text, .doc = "Without effect.", .support = ignored},
    {.name = "mech_param", .type = text, .doc = "Without effect.", .support = ignored},
    {.name = "dist_type", .type = text, .doc = "A label only.", .support = ignored},
    {.name = "dist",
     .type = text,
     .doc = "Scaler of a range parameter: a Python expression in {distance} (um, along the path from the soma) and "
            "{value}; parsed, never executed."},
    {.name = "soma_ref_location",
     .type = number,
     .default_value = "0.5",
     .doc = "Origin of the scaler's distance along soma[0], 0 to 1."},
    {.name = "ref_section",
     .type = text,
     .doc = "Measure from the first section whose name contains this text, not from the soma."},
    {.name = "ref_location", .type = number, .default_value = "0", .doc = "Place on ref_section, 0 to 1."},
    {.name = "step_begin", .type = number, .unit = "um", .doc = "{step_begin} in `dist`; needs step_end."},
    {.name = "step_end", .type = number, .unit = "um", .doc = "{step_end} in `dist`; needs step_begin."},
    {.name = "multiplier",
     .type = number,
     .default_value = "1",
     .doc = "Linear scaler, instead of `dist`: multiplier * value + offset."},
    {.name = "offset", .type = number, .default_value = "0", .doc = "Linear scaler."},
    {.name = "dist_param_names",
     .type = list,
     .element = "text",
     .doc = "Names of placeholders in `dist` that meta parameters set."},
    {.name = "param_dependencies",
     .type = list,
     .element = "text",
     .doc = "Full names of parameters whose values stand for {name} in `dist`."},
    {.name = "point_process",
     .type = text,
     .doc = "point_process: name of the point process or artificial cell that the parameter belongs to."},
    {.name = "object",
     .type = text,
     .doc =
         "meta: what it writes to: the scaler of a parameter (its full name), a stimulus (protocol.index, from 0) or "
         "a feature (protocol.location.feature)."},
    {.name = "attr_name",
     .type = text,
     .doc = "meta: the attribute that it sets: a name of dist_param_names, step_begin, step_end, multiplier or offset; "
            "an argument of the stimulus such as step_amplitude; exp_mean, exp_std, stim_start, stim_end, threshold, "
            "stimulus_current, interp_step or max_score."},
    {.name = "sub_parameters",
     .type = list,
     .element = "text",
     .doc = "meta_list_equal: full names of the parameters that get its value, in its place in the order of "
            "assignment; they need no value of their own."},
};

constexpr KeyRow location_keys[] = {
    {.name = "type",
     .type = text,
     .default_value = "\"SeclistComp\"",
     .doc = "Class of location, without Nrn and Location.",
     .choices = "SeclistComp|SectionComp|SomaDistanceComp|SecSomaDistanceComp|TrunkSomaDistanceComp|SeclistSec|"
                "PointProcess"},
    {.name = "section_list", .type = text, .doc = "Section list or array; all types but SectionComp and PointProcess."},
    {.name = "index",
     .type = integer,
     .default_value = "0",
     .doc =
         "Number of the section in the list, from 0. SecSomaDistanceComp: the tip of the path; TrunkSomaDistanceComp: "
         "the same instead of the search by direction."},
    {.name = "x",
     .type = number,
     .default_value = "0.5",
     .doc = "Place along the section, 0 to 1 (SeclistComp, SectionComp)."},
    {.name = "seclist_name", .type = text, .doc = "The API's name of section_list."},
    {.name = "sec_index", .type = integer, .default_value = "0", .doc = "The API's name of index."},
    {.name = "comp_x", .type = number, .default_value = "0.5", .doc = "The API's name of x."},
    {.name = "soma_distance",
     .type = number,
     .unit = "um",
     .doc =
         "Path distance from soma[0](0.5); SomaDistanceComp takes the last section of the list that reaches over it."},
    {.name = "direction",
     .type = text_or_numbers,
     .default_value = "[0, 1, 0]",
     .doc =
         "TrunkSomaDistanceComp: the trunk ends where the last 3-d point lies farthest in this direction [x, y, z], or "
         "\"radial\"."},
    {.name = "sec_name", .type = text, .doc = "SectionComp: name of the section, such as apic[3]."},
    {.name = "pprocess_mech", .type = text, .doc = "PointProcess: name of the point process."},
};

constexpr KeyRow protocol_keys[] = {
    {.name = "stimuli",
     .type = list,
     .element = "stimulus",
     .doc = "The protocol lasts as long as its longest stimulus."},
    {.name = "extra_recordings",
     .type = list,
     .element = "recording",
     .default_value = "[]",
     .doc = "Recordings besides v at soma."},
    {.name = "cvode_active",
     .type = boolean,
     .doc = "true: variable step for this protocol, false: fixed step; without it what simulator.step says."},
    {.name = "deterministic",
     .type = boolean,
     .default_value = "false",
     .doc = "Stochastic mechanisms run without noise."},
    {.name = "timeout",
     .type = number_or_null,
     .unit = "s",
     .default_value = "evaluation.timeout",
     .doc = "Wall-clock limit for one simulation."},
    {.name = "sequence",
     .type = list,
     .element = "text",
     .doc = "Instead of stimuli: runs other protocols in a row and returns their recordings."},
};

constexpr KeyRow stimulus_keys[] = {
    {.name = "type",
     .type = text,
     .default_value = "\"square\"",
     .doc = "Kind of stimulus; none: a square pulse.",
     .choices = "square|ramp|current_play|netstim"},
    {.name = "delay", .type = number, .unit = "ms", .doc = "square: start of the pulse."},
    {.name = "amp", .type = number, .unit = "nA", .doc = "square: injected current."},
    {.name = "duration", .type = number, .unit = "ms", .doc = "square: length of the pulse."},
    {.name = "totduration",
     .type = number,
     .unit = "ms",
     .doc = "Length of the recording that the stimulus asks for; a current_play's is its last time."},
    {.name = "location", .type = text, .default_value = "\"soma\"", .doc = "Name of a location."},
    {.name = "step_delay", .type = number, .unit = "ms", .doc = "The API's name of delay."},
    {.name = "step_amplitude", .type = number, .unit = "nA", .doc = "The API's name of amp."},
    {.name = "step_duration", .type = number, .unit = "ms", .doc = "The API's name of duration."},
    {.name = "total_duration", .type = number, .unit = "ms", .doc = "The API's name of totduration."},
    {.name = "ramp_amplitude_start", .type = number, .unit = "nA", .doc = "ramp: current at its start."},
    {.name = "ramp_amplitude_end", .type = number, .unit = "nA", .doc = "ramp: current at its end."},
    {.name = "ramp_delay", .type = number, .unit = "ms", .doc = "ramp: its start; 0 nA before and after the ramp."},
    {.name = "ramp_duration", .type = number, .unit = "ms", .doc = "ramp: its length."},
    {.name = "ramp_amp_start", .type = number, .unit = "nA", .doc = "Short for ramp_amplitude_start."},
    {.name = "ramp_amp_end", .type = number, .unit = "nA", .doc = "Short for ramp_amplitude_end."},
    {.name = "time_points",
     .type = list,
     .element = "number",
     .unit = "ms",
     .doc = "current_play: times that do not decrease; the current is linear between them, 0 from the last on."},
    {.name = "current_points", .type = list, .element = "number", .unit = "nA", .doc = "current_play: one per time."},
    {.name = "file",
     .type = text,
     .doc = "current_play: a file with the points instead: lines of a time and a current (a header and # comments may "
            "stand there), or JSON with time_points and current_points."},
    {.name = "point_processes",
     .type = list,
     .element = "text",
     .doc = "netstim: the point processes that get events, each from a source of its own; the first weight of the "
            "connection is `weight`, events arrive 1 ms after they were sent."},
    {.name = "interval", .type = number, .unit = "ms", .doc = "netstim: (mean) time between events."},
    {.name = "number", .type = number, .doc = "netstim: (mean) number of events."},
    {.name = "start", .type = number, .unit = "ms", .doc = "netstim: (most likely) time of the first event."},
    {.name = "noise", .type = number, .default_value = "0", .doc = "netstim: 0 regular to 1 exponential intervals."},
    {.name = "weight", .type = number, .default_value = "1", .doc = "netstim: weight of the connections."},
};

constexpr KeyRow recording_keys[] = {
    {.name = "type", .type = text, .doc = "Kind of recording; none: at a named location.", .choices = "somadistance"},
    {.name = "name", .type = text, .doc = "Middle part of the recording's name.", .required = true},
    {.name = "location", .type = text, .doc = "Name of a location."},
    {.name = "var", .type = text, .default_value = "\"v\"", .doc = "Any range variable."},
    {.name = "somadistance",
     .type = number,
     .unit = "um",
     .doc = "somadistance: path distance from soma[0](0.5). Where no section reaches over it, the recording has no "
            "response and its features get their max_score."},
    {.name = "seclist_name", .type = text, .doc = "somadistance: section list that is searched."},
    {.name = "arbor_branch_index", .type = integer, .doc = "Without effect.", .support = ignored},
    {.name = "arbor_branch_index_with_replaced_axon", .type = integer, .doc = "Without effect.", .support = ignored},
};

constexpr KeyRow feature_setting_keys[] = {
    {.name = "protocol", .type = text, .default_value = "\"*\"", .doc = "Pattern (*, ?, [...]) of protocol names."},
    {.name = "location", .type = text, .default_value = "\"*\"", .doc = "Pattern of location names."},
    {.name = "feature", .type = text, .default_value = "\"*\"", .doc = "Pattern of eFEL feature names."},
    {.name = "stim_start",
     .type = number,
     .unit = "ms",
     .default_value = "start of the first stimulus",
     .doc = "Start of the window."},
    {.name = "stim_end",
     .type = number,
     .unit = "ms",
     .default_value = "end of the first stimulus",
     .doc = "End of the window."},
    {.name = "threshold", .type = number, .unit = "mV", .default_value = "-20", .doc = "Spike threshold."},
    {.name = "interp_step",
     .type = number,
     .unit = "ms",
     .default_value = "0.1",
     .doc = "Grid to which eFEL interpolates."},
    {.name = "stimulus_current", .type = number, .unit = "nA", .doc = "Amplitude for features that divide by it."},
    {.name = "recording_names",
     .type = map,
     .element = "text",
     .doc = "eFEL location label -> recording name; \"\" is the feature's own trace. Where one of them has no response "
            "there is no feature."},
    {.name = "max_score", .type = number, .default_value = "250", .doc = "Score of a feature that cannot be computed."},
    {.name = "force_max_score", .type = boolean, .default_value = "false", .doc = "Cap every score at max_score."},
    {.name = "exp_mean", .type = number, .doc = "Replaces the mean of the feature."},
    {.name = "exp_std", .type = number, .doc = "Replaces the standard deviation of the feature."},
    {.name = "weight", .type = number, .default_value = "1", .doc = "Factor of the objective's score."},
};

constexpr KeyRow objective_keys[] = {
    {.name = "name", .type = text, .doc = "Unique name of the objective.", .required = true},
    {.name = "type",
     .type = text,
     .doc = "max: the largest score; weighted_sum: the sum of weight * score.",
     .choices = "max|weighted_sum",
     .required = true},
    {.name = "features",
     .type = list,
     .element = "text",
     .doc = "Names of features: protocol.location.feature.",
     .required = true},
    {.name = "weights", .type = list, .element = "number", .doc = "weighted_sum: one for each feature."},
};

constexpr KeyRow simulator_keys[] = {
    {.name = "engine",
     .type = text,
     .default_value = "\"native\"",
     .doc = "Which program simulates.",
     .choices = "native|neuron"},
    {.name = "step",
     .type = text,
     .default_value = "\"variable\"",
     .doc = "variable: as long as `atol` allows; fixed: NEURON's staggered fixed step, also where `dt` stands alone.",
     .choices = "fixed|variable"},
    {.name = "dt",
     .type = number,
     .unit = "ms",
     .default_value = "0.025",
     .doc = "Length of the fixed step; an error with the variable step."},
    {.name = "numeric",
     .type = text,
     .default_value = "\"fast\"",
     .doc = "strict: double, NEURON's order of operations; fast: double; float: single precision.",
     .choices = "strict|fast|float"},
    {.name = "atol",
     .type = number,
     .default_value = "1e-5",
     .doc = "Local error of a state that the variable step may have; of v 1000 times as many mV."},
};

constexpr KeyRow evaluation_keys[] = {
    {.name = "timeout",
     .type = number_or_null,
     .unit = "s",
     .default_value = "null",
     .doc = "Wall-clock limit for one protocol."},
    {.name = "strict", .type = boolean, .default_value = "false", .doc = "Failed protocols are errors."},
    {.name = "compatibility",
     .type = text,
     .default_value = "\"bluepyopt\"",
     .doc = "bluepyopt: its numbers, also where they are odd; corrected: the better ones.",
     .choices = "bluepyopt|corrected"},
    {.name = "use_params_for_seed",
     .type = boolean,
     .default_value = "false",
     .doc = "Each individual's global index of Random123 is made from its parameters, as in BluePyOpt."},
    {.name = "random123_globalindex",
     .type = integer,
     .default_value = "0",
     .doc = "Global index of Random123: another one gives other random numbers everywhere."},
    {.name = "gid",
     .type = integer,
     .default_value = "0",
     .doc = "Number of the cell: the first identifier of the random streams of stochastic mechanisms."},
};

constexpr TypeSchema types[] = {
    {"cell", "The cell file: one optimisation problem.", cell_keys},
    {"model", "A cell that exists as hoc.", model_keys},
    {"morphology", "The cell's shape and its discretisation.", morphology_keys},
    {"mechanisms", "Where mod files are and which mechanisms go where.", mechanisms_keys},
    {"insertion", "One inserted mechanism; a text is its suffix.", insertion_keys},
    {"point_process", "A point process at one or several locations.", point_process_keys},
    {"artificial_cell", "A source of events that is no part of the cell.", artificial_cell_keys},
    {"connection", "A connection that carries events (NEURON's NetCon).", connection_keys},
    {"pointer", "What a POINTER of a point process refers to.", pointer_keys},
    {"random_stream", "The identifiers of a random stream (Random123).", random_stream_keys},
    {"number_list", "A list of numbers for a point process or artificial cell.", number_list_keys},
    {"parameter", "One parameter: frozen with `value`, free with `bounds`.", parameter_keys},
    {"location", "A place on the cell.", location_keys},
    {"protocol", "One sweep.", protocol_keys},
    {"stimulus", "A current that is injected; without `type` a square pulse.", stimulus_keys},
    {"recording", "An extra recording, named protocol.name.var.", recording_keys},
    {"feature_setting", "Overrides for matching features; further keys are eFEL's settings by name.",
     feature_setting_keys, true},
    {"objective", "A group of features.", objective_keys},
    {"simulator", "How it is simulated.", simulator_keys},
    {"evaluation", "How an individual is evaluated.", evaluation_keys},
};

constexpr KeyRow problem_keys[] = {
    {.name = "name",
     .type = text,
     .default_value = "the file's name",
     .doc = "Name of the problem; the run directory is called after it."},
    {.name = "parameters",
     .type = list,
     .element = "problem_parameter",
     .doc = "The numbers that the program gets; the free ones in the order of the optimisation vector.",
     .required = true,
     .or_path = true},
    {.name = "objectives",
     .type = list,
     .element = "text",
     .doc = "Names of the scores that the program gives, all to be minimised.",
     .required = true},
    {.name = "evaluator",
     .type = object,
     .element = "evaluator",
     .doc = "The program that evaluates individuals.",
     .required = true},
};

constexpr KeyRow problem_parameter_keys[] = {
    {.name = "name", .type = text, .doc = "Unique name.", .required = true},
    {.name = "value", .type = number, .doc = "A frozen parameter's value; it wins over bounds."},
    {.name = "bounds", .type = pair, .doc = "Lowest and highest value of a free parameter."},
};

constexpr KeyRow evaluator_keys[] = {
    {.name = "command",
     .type = list,
     .element = "text",
     .doc = "Program and arguments, started without a shell in the problem file's folder.",
     .required = true},
    {.name = "workers",
     .type = integer,
     .default_value = "1",
     .doc = "Processes that are kept alive and evaluate at the same time, 1 to 4096."},
    {.name = "timeout",
     .type = number_or_null,
     .unit = "s",
     .default_value = "null",
     .doc = "Wall-clock limit of one individual, a new process's start included; null is none."},
    {.name = "failed_score",
     .type = number,
     .default_value = "250",
     .doc = "Every objective of an individual whose evaluation failed."},
};

constexpr TypeSchema problem_types[] = {
    {"problem", "The problem file: an optimisation problem with an evaluator of the user's own.", problem_keys},
    {"problem_parameter", "One parameter: frozen with `value`, free with `bounds`.", problem_parameter_keys},
    {"evaluator", "A program that exchanges individuals as JSON lines.", evaluator_keys},
};

}  // namespace

std::span<const TypeSchema> cell_file_schema() { return types; }
std::span<const TypeSchema> problem_file_schema() { return problem_types; }

const TypeSchema& schema_of(std::string_view type_name) {
  for (const std::span<const TypeSchema> file : {cell_file_schema(), problem_file_schema()}) {
    const auto found = std::ranges::find(file, type_name, &TypeSchema::name);
    if (found != file.end()) return *found;
  }
  throw InternalError(fmt::format("the schema has no type '{}'", type_name));
}

const KeyRow* find_key(const TypeSchema& type, std::string_view key) {
  const auto found =
      std::find_if(type.keys.begin(), type.keys.end(), [&](const KeyRow& row) { return row.name == key; });
  return found == type.keys.end() ? nullptr : &*found;
}

std::vector<std::string> key_names(const TypeSchema& type, bool with_unsupported) {
  std::vector<std::string> names;
  for (const KeyRow& row : type.keys) {
    if (with_unsupported || row.support == supported) names.emplace_back(row.name);
  }
  return names;
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> parts;
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    parts.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return parts;
}

bool is_comment_key(std::string_view key) { return key.starts_with("__") || key.starts_with("comment"); }

}  // namespace cellwright::run

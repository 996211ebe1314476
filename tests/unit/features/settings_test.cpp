#include "cellwright/features/settings.hpp"

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"

namespace cellwright::features {
namespace {

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Settings, have_efels_defaults) {
  const Settings settings;
  EXPECT_EQ(settings.Threshold, -20.0);
  EXPECT_EQ(settings.DerivativeThreshold, 10.0);
  EXPECT_EQ(settings.interp_step, 0.1);
  EXPECT_FALSE(settings.strict_stiminterval);
  EXPECT_FALSE(settings.stimulus_current.has_value());
}

TEST(Settings, are_set_by_name) {
  Settings settings;
  settings.set("Threshold", -30);
  settings.set("strict_stiminterval", 1);
  settings.set("DerivativeWindow", 5);
  settings.set("stimulus_current", 0.25);
  EXPECT_EQ(settings.Threshold, -30.0);
  EXPECT_TRUE(settings.strict_stiminterval);
  EXPECT_EQ(settings.DerivativeWindow, 5);
  EXPECT_EQ(settings.stimulus_current, 0.25);
}

TEST(Settings, are_set_from_text) {
  Settings settings;
  settings.set_text("voltage_base_mode", "median");
  settings.set_text("ignore_first_ISI", "false");
  settings.set_text("interp_step", "0.025");
  settings.set_text("multi_stim_start", "100, 300");
  EXPECT_EQ(settings.voltage_base_mode, "median");
  EXPECT_FALSE(settings.ignore_first_ISI);
  EXPECT_EQ(settings.interp_step, 0.025);
  EXPECT_THAT(settings.multi_stim_start, testing::ElementsAre(100.0, 300.0));
}

TEST(Settings, reject_an_unknown_name_with_the_nearest_one) {
  Settings settings;
  EXPECT_EQ(message_of([&] { settings.set("Treshold", -30); }),
            "error: there is no setting 'Treshold' [feature-setting]\n  fix: did you mean 'Threshold'?");
}

TEST(Settings, reject_values_of_the_wrong_kind) {
  Settings settings;
  EXPECT_EQ(message_of([&] { settings.set("DerivativeWindow", 2.5); }),
            "error: setting 'DerivativeWindow' takes a whole number, not '2.5' [feature-setting-value]");
  EXPECT_EQ(message_of([&] { settings.set_text("Threshold", "high"); }),
            "error: setting 'Threshold' takes a number, not 'high' [feature-setting-value]");
  EXPECT_EQ(message_of([&] { settings.set_text("voltage_base_mode", "mode"); }),
            "error: setting 'voltage_base_mode' takes mean or median, not 'mode' [feature-setting-value]");
}

TEST(Settings, table_lists_defaults) {
  const auto table = settings_table();
  EXPECT_EQ(table.front().name, "Threshold");
  EXPECT_EQ(table.front().default_text, "-20");
  EXPECT_EQ(table.front().unit, "mV");
}

}  // namespace
}  // namespace cellwright::features

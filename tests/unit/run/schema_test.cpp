#include "cellwright/run/schema.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/features/feature.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::run {
namespace {

TEST(Schema, KeysOfATypeAreUnique) {
  for (const TypeSchema& type : cell_file_schema()) {
    std::set<std::string_view> names;
    for (const KeyRow& row : type.keys) EXPECT_TRUE(names.insert(row.name).second) << type.name << "." << row.name;
  }
}

TEST(Schema, EveryRowSaysWhatItMeansInASentence) {
  for (const TypeSchema& type : cell_file_schema()) {
    for (const KeyRow& row : type.keys) EXPECT_TRUE(row.doc.ends_with('.')) << type.name << "." << row.name;
  }
}

TEST(Schema, DefaultsAreAmongTheChoices) {
  for (const TypeSchema& type : cell_file_schema()) {
    for (const KeyRow& row : type.keys) {
      if (row.choices.empty() || row.default_value.empty()) continue;
      const std::string value(row.default_value.substr(1, row.default_value.size() - 2));
      EXPECT_THAT(split_choices(row.choices), testing::Contains(value)) << type.name << "." << row.name;
    }
  }
}

TEST(Schema, ReferencesOfTheJsonSchemaExist) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  const std::string text = json_schema();
  const text::JsonValue& definitions = document.root().at("$defs");
  for (std::size_t at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/", at + 1)) {
    const std::string name = text.substr(at + 8, text.find('"', at) - at - 8);
    EXPECT_NE(definitions.find(name), nullptr) << name;
  }
}

TEST(Schema, JsonSchemaHoldsWhatIsSupportedAndNothingElse) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  for (const TypeSchema& type : cell_file_schema().subspan(1)) {
    const text::JsonValue& properties = document.root().at("$defs").at(type.name).at("properties");
    for (const KeyRow& row : type.keys)
      EXPECT_EQ(properties.find(row.name) != nullptr, row.support != KeySupport::unsupported) << type.name << row.name;
  }
}

TEST(Schema, FeaturesOfTheJsonSchemaAreTheOnesThatTheLoaderTakes) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  const text::JsonValue& root = document.root();
  const text::JsonValue& map = root.at("properties").at("features").at("anyOf").as_array()[1];
  EXPECT_EQ(map.at("additionalProperties").at("$ref").as_string(), "#/$defs/protocol_features");
  const text::JsonValue& location = root.at("$defs").at("protocol_features").at("additionalProperties");
  const auto& names = location.at("propertyNames").at("anyOf").as_array()[1].at("enum").as_array();
  EXPECT_EQ(names.size(), features::all_features().size());
  EXPECT_TRUE(std::ranges::any_of(names, [](const auto& name) { return name.as_string() == "Spikecount"; }));
  const text::JsonValue& target = location.at("additionalProperties");
  EXPECT_EQ(target.at("prefixItems").as_array()[1].at("exclusiveMinimum").as_number(), 0.0);
  EXPECT_EQ(target.at("minItems").as_number(), 2.0);
  EXPECT_EQ(target.at("maxItems").as_number(), 2.0);
}

TEST(Schema, FeatureSettingsOfTheJsonSchemaAreClosedAndNameEfelsSettings) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  const text::JsonValue& setting = document.root().at("$defs").at("feature_setting");
  EXPECT_FALSE(setting.at("additionalProperties").as_boolean());
  EXPECT_NE(setting.at("properties").find("strict_stiminterval"), nullptr);
  EXPECT_EQ(setting.at("properties").find("Treshold"), nullptr);
}

TEST(Schema, CommentsMayStandInEveryObjectOfTheJsonSchema) {
  const text::JsonDocument document = text::parse_json(json_schema(), "schema");
  const text::JsonValue& root = document.root();
  for (const char* map : {"protocols", "locations", "features"}) {
    const text::JsonValue& alternatives = root.at("properties").at(map).at("anyOf");
    EXPECT_NE(alternatives.as_array()[1].find("patternProperties"), nullptr) << map;
  }
  EXPECT_NE(root.at("$defs").at("protocol_features").find("patternProperties"), nullptr);
}

TEST(Schema, ChoicesAreSplitAtBars) {
  EXPECT_THAT(split_choices("a|b|c"), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_choices(""), testing::IsEmpty());
}

TEST(Schema, CommentKeys) {
  EXPECT_TRUE(is_comment_key("__comment"));
  EXPECT_TRUE(is_comment_key("comment_on_this"));
  EXPECT_FALSE(is_comment_key("_comment"));
}

}  // namespace
}  // namespace cellwright::run

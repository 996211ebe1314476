#include "cellwright/text/json_writer.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "cellwright/text/located_json.hpp"

namespace cellwright::text {
namespace {

void write_sample(JsonWriter& writer) {
  writer.begin_object();
  writer.member("name", "l5pc").member("n", 3).member("big", std::uint64_t{18446744073709551615U});
  writer.key("bounds").begin_array(JsonStyle::one_line).value(0.1).value(1.0).end_array();
  writer.key("empty").begin_array().end_array();
  writer.key("inner").begin_object().member("ok", true).member("none", nullptr).end_object();
  writer.end_object();
}

TEST(JsonWriter, WritesPrettyWithTwoColumnsAndOrderedKeys) {
  JsonWriter writer;
  write_sample(writer);

  EXPECT_EQ(writer.take(), R"({
  "name": "l5pc",
  "n": 3,
  "big": 18446744073709551615,
  "bounds": [0.1, 1.0],
  "empty": [],
  "inner": {
    "ok": true,
    "none": null
  }
})");
}

TEST(JsonWriter, WritesOneLineAndCompact) {
  JsonWriter one_line(JsonStyle::one_line);
  write_sample(one_line);
  EXPECT_EQ(one_line.take(),
            R"({"name": "l5pc", "n": 3, "big": 18446744073709551615, "bounds": [0.1, 1.0], "empty": [], )"
            R"("inner": {"ok": true, "none": null}})");

  JsonWriter compact(JsonStyle::compact);
  write_sample(compact);
  EXPECT_EQ(
      compact.take(),
      R"({"name":"l5pc","n":3,"big":18446744073709551615,"bounds":[0.1,1.0],"empty":[],"inner":{"ok":true,"none":null}})");
}

TEST(JsonWriter, PrintsDoublesAsPythonDoesAndNamesWhatJsonLacks) {
  const double infinity = std::numeric_limits<double>::infinity();

  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(1e-5), "1e-05");
  EXPECT_EQ(json_number(1), "1.0");
  EXPECT_EQ(json_number(1e16), "1e+16");
  EXPECT_EQ(json_number(std::nan("")), "null");
  EXPECT_EQ(json_number(infinity), "1e999");
  EXPECT_EQ(json_number(-infinity), "-1e999");
}

TEST(JsonWriter, EscapesStringsAndPassesUtf8Through) {
  EXPECT_EQ(json_quoted("a\"b\\c\n\t\r\b\f\x01 µm"), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001 µm\"");
}

TEST(JsonWriter, IsReadBackExactly) {
  const std::vector<double> values{0.1,  1.0 / 3.0, 5e-324, 1.7976931348623157e308, -0.0, 123456789012345680.0,
                                   1e15, 1e-4};
  JsonWriter writer;
  writer.begin_array();
  for (const double value : values) writer.value(value);
  writer.end_array();

  const JsonDocument document = parse_json(writer.take(), "a.json");

  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(document.root().as_array()[i].as_number(), values[i]);
    EXPECT_EQ(std::signbit(document.root().as_array()[i].as_number()), std::signbit(values[i]));
  }
}

TEST(JsonWriter, RefusesMisuse) {
  EXPECT_THROW(JsonWriter().take(), InternalError);
  EXPECT_THROW(JsonWriter().begin_object().value(1), InternalError);
  EXPECT_THROW(JsonWriter().begin_array().key("a"), InternalError);
  EXPECT_THROW(JsonWriter().begin_array().end_object(), InternalError);
  EXPECT_THROW(JsonWriter().begin_object().key("a").key("b"), InternalError);
  EXPECT_THROW(JsonWriter().begin_object().key("a").end_object(), InternalError);
  EXPECT_THROW(JsonWriter().value(1).value(2), InternalError);
  EXPECT_THROW(JsonWriter().begin_array().take(), InternalError);
}

}  // namespace
}  // namespace cellwright::text

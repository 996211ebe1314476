#include "cellwright/text/located_json.hpp"

#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::text {
namespace {

using testing::ElementsAre;

/// The whole message of the error that parsing `text` gives.
std::string error_of(const std::string& text) {
  try {
    parse_json(text, "a.json");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

JsonValue parse(const std::string& text) { return parse_json(text, "a.json").root(); }

TEST(LocatedJson, KnowsTypesValuesAndFileOrder) {
  const JsonDocument document =
      parse_json(R"({"z": null, "b": true, "a": [1, -2.5, "x"], "o": {}, "f": false})", "a.json");

  std::vector<std::string> keys;
  for (const JsonMember& member : document.root().as_object()) keys.push_back(member.key);
  EXPECT_THAT(keys, ElementsAre("z", "b", "a", "o", "f"));
  EXPECT_EQ(document.file(), "a.json");
  EXPECT_TRUE(document.root().at("z").is_null());
  EXPECT_TRUE(document.root().at("b").as_boolean());
  EXPECT_FALSE(document.root().at("f").as_boolean());
  EXPECT_EQ(document.root().at("a").as_array().at(0).as_integer(), 1);
  EXPECT_EQ(document.root().at("a").as_array().at(1).as_number(), -2.5);
  EXPECT_EQ(document.root().at("a").as_array().at(2).as_string(), "x");
  EXPECT_TRUE(document.root().at("o").as_object().empty());
  EXPECT_EQ(document.root().find("missing"), nullptr);
}

TEST(LocatedJson, KnowsThePlaceAndPointerOfEachValueAndKey) {
  const JsonValue root = parse("{\n  \"axonal\": [\n    {\"a/b~\": 0.5}, 12.25\n  ]\n}\n");

  const JsonMember& axonal = root.as_object().at(0);
  EXPECT_EQ(axonal.key_span, (SourceSpan{"a.json", 2, 3, 8}));
  EXPECT_EQ(axonal.value.span(), (SourceSpan{"a.json", 2, 13, 1}));  // an array of several lines
  const JsonValue& number = axonal.value.as_array().at(1);
  EXPECT_EQ(number.span(), (SourceSpan{"a.json", 3, 20, 5}));
  EXPECT_EQ(number.path(), "/axonal/1");
  const JsonMember& inner = axonal.value.as_array().at(0).as_object().at(0);
  EXPECT_EQ(inner.key_span, (SourceSpan{"a.json", 3, 6, 6}));
  EXPECT_EQ(inner.value.path(), "/axonal/0/a~1b~0");
  EXPECT_EQ(root.path(), "");
}

TEST(LocatedJson, ReportsAProblemAtAValueOrKey) {
  const JsonValue root = parse("{\n  \"axonal\": {\"bounds\": [0.5, 0.1], \"bonds\": 1}\n}");
  const JsonValue& axonal = root.at("axonal");

  const ConfigError error = axonal.at("bounds").error("config-bounds", "lower 0.5 > upper 0.1", "swap them");

  EXPECT_STREQ(error.what(),
               "a.json:2:24: error: /axonal/bounds: lower 0.5 > upper 0.1 [config-bounds]\n"
               "  2 |   \"axonal\": {\"bounds\": [0.5, 0.1], \"bonds\": 1}\n"
               "    |                        ^~~~~~~~~~\n"
               "  fix: swap them");
  EXPECT_EQ(axonal.as_object().at(1).diagnostic("config-key", "unknown key").format(),
            "a.json:2:36: error: /axonal/bonds: unknown key [config-key]\n"
            "  2 |   \"axonal\": {\"bounds\": [0.5, 0.1], \"bonds\": 1}\n"
            "    |                                    ^~~~~~~");
}

TEST(LocatedJson, ReportsAWrongTypeAtTheValue) {
  const JsonValue root = parse(R"({"a": "x", "b": 1.0, "c": 99999999999999999999})");

  EXPECT_EQ(message_of([&] { root.at("a").as_number(); }),
            "a.json:1:7: error: /a: expected a number, found a string [json-type]\n"
            "  1 | {\"a\": \"x\", \"b\": 1.0, \"c\": 99999999999999999999}\n"
            "    |       ^~~");
  EXPECT_EQ(message_of([&] { root.at("b").as_integer(); }),
            "a.json:1:17: error: /b: expected a whole number, found 1.0 [json-type]\n"
            "  1 | {\"a\": \"x\", \"b\": 1.0, \"c\": 99999999999999999999}\n"
            "    |                 ^~~\n"
            "  fix: write it without fraction and exponent, within 64 bits");
  EXPECT_EQ(message_of([&] { root.at("d"); }),
            "a.json:1:1: error: key \"d\" is missing [json-missing-key]\n"
            "  1 | {\"a\": \"x\", \"b\": 1.0, \"c\": 99999999999999999999}\n"
            "    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
            "  fix: add \"d\" to this object");
  EXPECT_FALSE(root.at("c").is_integer());
  EXPECT_EQ(root.at("c").as_number(), 1e20);
  EXPECT_THROW(root.at("a").as_object(), ConfigError);
  EXPECT_THROW(root.at("a").as_array(), ConfigError);
  EXPECT_THROW(root.at("a").as_boolean(), ConfigError);
  EXPECT_THROW(root.as_string(), ConfigError);
}

TEST(LocatedJson, ReadsNumbersExactly) {
  const JsonValue root = parse(
      "[0.1, 1e22, 9007199254740993, -9223372036854775808, 5e-324, 1e999, -1e999, 1e-999, 0.00000000001e320, "
      "1000000e-99999999999999999999, 1e99999999999999999999, -0.0, 2.2250738585072014e-308, 0e999999999999]");
  const auto& v = root.as_array();
  const double infinity = std::numeric_limits<double>::infinity();

  EXPECT_EQ(v[0].as_number(), 0.1);
  EXPECT_EQ(v[1].as_number(), 1e22);
  EXPECT_EQ(v[2].as_integer(), 9007199254740993);
  EXPECT_EQ(v[3].as_integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(v[4].as_number(), 5e-324);
  EXPECT_EQ(v[5].as_number(), infinity);
  EXPECT_EQ(v[6].as_number(), -infinity);
  EXPECT_EQ(v[7].as_number(), 0.0);
  EXPECT_EQ(v[8].as_number(), infinity);
  EXPECT_EQ(v[9].as_number(), 0.0);
  EXPECT_EQ(v[10].as_number(), infinity);
  EXPECT_TRUE(std::signbit(v[11].as_number()));
  EXPECT_EQ(v[12].as_number(), 2.2250738585072014e-308);
  EXPECT_EQ(v[13].as_number(), 0.0);
  EXPECT_FALSE(v[1].is_integer());
}

TEST(LocatedJson, ReadsEscapesAndUtf8) {
  const JsonValue root =
      parse("\xEF\xBB\xBF[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e9\\u20AC\\ud83d\\ude00\", \"µm \xF0\x9F\x98\x80\"]");

  EXPECT_EQ(root.as_array()[0].as_string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(root.as_array()[1].as_string(), "é€😀");
  EXPECT_EQ(root.as_array()[2].as_string(), "µm 😀");
  EXPECT_EQ(root.span(), (SourceSpan{"a.json", 1, 1, 60}));
}

TEST(LocatedJson, NamesBothLinesOfDuplicateKeysAndReportsAll) {
  EXPECT_EQ(error_of("{\n\"a\": 1,\n\"b\": {\"c\": 1, \"c\": 2},\n\"a\": 3\n}"),
            "a.json:3:15: error: /b/c: key \"c\" stands twice in one object, on lines 3 and 3 [json-duplicate-key]\n"
            "  3 | \"b\": {\"c\": 1, \"c\": 2},\n"
            "    |               ^~~\n"
            "  note: a.json:3:7: first written here\n"
            "  fix: remove one of them\n"
            "a.json:4:1: error: /a: key \"a\" stands twice in one object, on lines 2 and 4 [json-duplicate-key]\n"
            "  4 | \"a\": 3\n"
            "    | ^~~\n"
            "  note: a.json:2:1: first written here\n"
            "  fix: remove one of them");
}

TEST(LocatedJson, ExplainsSyntaxErrors) {
  EXPECT_EQ(error_of("{\n  \"a\": 1,\n}"),
            "a.json:2:9: error: comma before '}' [json-syntax]\n"
            "  2 |   \"a\": 1,\n"
            "    |         ^\n"
            "  fix: remove this comma: JSON allows none after the last member");
  EXPECT_EQ(error_of("{\"a\": 1\n \"b\": 2}"),
            "a.json:2:2: error: expected ',' or '}', found '\"' [json-syntax]\n"
            "  2 |  \"b\": 2}\n"
            "    |  ^\n"
            "  fix: is a comma missing before it?");
  EXPECT_EQ(
      error_of("[1, // one\n2]"),
      "a.json:1:5: error: expected a value (null, true, false, a number, a string, an array or an object), found '/' "
      "[json-syntax]\n"
      "  1 | [1, // one\n"
      "    |     ^\n"
      "  fix: JSON has no comments; remove it, or use a key that begins with \"comment\"");
  EXPECT_EQ(error_of("{\"a\": [1,\n 2"),
            "a.json:2:2: error: the file ends inside the array that begins at line 1, column 7 [json-syntax]\n"
            "  2 |  2\n"
            "    |  ^\n"
            "  fix: add the missing ']'");
  EXPECT_EQ(error_of(" \n"), "a.json:2:1: error: the file is empty; a JSON value was expected [json-syntax]");
  EXPECT_EQ(error_of("{'a': 1}"),
            "a.json:1:2: error: expected a key in double quotes, found ''' [json-syntax]\n"
            "  1 | {'a': 1}\n"
            "    |  ^\n"
            "  fix: JSON strings need double quotes");
  EXPECT_EQ(error_of("\"ab\ncd\""),
            "a.json:1:1: error: this string has no closing quote on its line [json-syntax]\n"
            "  1 | \"ab\n"
            "    | ^~~\n"
            "  fix: add '\"'; write a line break as \\n");
  EXPECT_EQ(error_of("{} {}"),
            "a.json:1:4: error: unexpected '{' after the end of the document [json-syntax]\n"
            "  1 | {} {}\n"
            "    |    ^\n"
            "  fix: a JSON file holds one value; check the brackets before this place");
}

TEST(LocatedJson, RefusesNanInfinityAndPythonWords) {
  EXPECT_EQ(error_of("[NaN]"),
            "a.json:1:2: error: NaN is no JSON value [json-syntax]\n"
            "  1 | [NaN]\n"
            "    |  ^~~\n"
            "  fix: write null for 'not a number', 1e999 for infinity and -1e999 for minus infinity");
  EXPECT_THAT(error_of("[-Infinity]"), testing::HasSubstr("a.json:1:2: error: -Infinity is no JSON value"));
  EXPECT_EQ(error_of("[True]"),
            "a.json:1:2: error: True is Python, not JSON [json-syntax]\n"
            "  1 | [True]\n"
            "    |  ^~~~\n"
            "  fix: write true");
}

struct Refusal {
  const char* text;
  const char* first_line;
};

class LocatedJsonRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(LocatedJsonRefuses, WithAPlaceAndAReason) {
  const std::string message = error_of(GetParam().text);

  EXPECT_EQ(message.substr(0, message.find('\n')), GetParam().first_line);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LocatedJsonRefuses,
    testing::Values(
        Refusal{"[01]", "a.json:1:2: error: a number may not begin with the digit 0 [json-syntax]"},
        Refusal{"[1.]", "a.json:1:2: error: a digit must follow the decimal point [json-syntax]"},
        Refusal{"[1e]", "a.json:1:2: error: a digit must follow the exponent sign of a number [json-syntax]"},
        Refusal{"[1x2]", "a.json:1:2: error: '1x2' is no number [json-syntax]"},
        Refusal{"[-]",
                "a.json:1:2: error: expected a value (null, true, false, a number, a string, an array or an object), "
                "found '-' [json-syntax]"},
        Refusal{"[1 2]", "a.json:1:4: error: expected ',' or ']', found '2' [json-syntax]"},
        Refusal{"{\"a\" 1}", "a.json:1:6: error: expected ':' after the key, found '1' [json-syntax]"},
        Refusal{"{\"a\"",
                "a.json:1:4: error: the file ends inside the member that begins at line 1, column 2 [json-syntax]"},
        Refusal{"{\"a\":",
                "a.json:1:5: error: the file ends inside the object that begins at line 1, column 1 [json-syntax]"},
        Refusal{"[1,",
                "a.json:1:3: error: the file ends inside the array that begins at line 1, column 1 [json-syntax]"},
        Refusal{"[\"a\tb\"]", "a.json:1:4: error: control character 0x09 in a string [json-syntax]"},
        Refusal{"[\"\\q\"]", "a.json:1:3: error: unknown escape in a string [json-syntax]"},
        Refusal{"[\"\\u12g4\"]", "a.json:1:3: error: four hexadecimal digits must follow \\u [json-syntax]"},
        Refusal{"[\"\\u12", "a.json:1:3: error: four hexadecimal digits must follow \\u [json-syntax]"},
        Refusal{"[\"\\ud800\"]", "a.json:1:3: error: \\u escape is half of a surrogate pair [json-syntax]"},
        Refusal{"[\"\xFF\"]", "a.json:1:3: error: byte 0xFF is not UTF-8 [json-encoding]"},
        Refusal{"[\"\xC0\x80\"]", "a.json:1:3: error: byte 0xC0 is not UTF-8 [json-encoding]"},
        Refusal{"[\"\xED\xA0\x80\"]", "a.json:1:3: error: byte 0xED is not UTF-8 [json-encoding]"},
        Refusal{"\xC2\xB5",
                "a.json:1:1: error: expected a value (null, true, false, a number, a string, an array or an object), "
                "found byte 0xC2 [json-syntax]"}));

TEST(LocatedJson, LimitsTheDepthInsteadOfOverflowingTheStack) {
  const std::string open(100000, '[');

  const std::string message = error_of(open);

  EXPECT_EQ(message.substr(0, message.find('\n')),
            "a.json:1:201: error: arrays and objects are nested more than 200 deep [json-depth]");
  EXPECT_EQ(error_of(std::string(200, '[') + std::string(200, ']')), "no error");
}

TEST(LocatedJson, SurvivesEveryCutAndEveryChangedByteOfADocument) {
  const std::string text = R"({"a": [1, -2.5e-3, "x\u00e9\n"], "b": {"c": null, "d": true}})";

  for (std::size_t length = 0; length < text.size(); ++length) EXPECT_NE(error_of(text.substr(0, length)), "no error");
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = static_cast<char>(byte);
      EXPECT_FALSE(error_of(changed).empty());  // parsed or refused, but no crash (the sanitizers look on)
    }
  }
}

TEST(LocatedJson, LoadsAFileAndNamesOneThatIsMissing) {
  const std::string path = testing::TempDir() + "located_json_test.json";
  std::ofstream(path) << "{\"a\":\r\n [1,]}";

  EXPECT_EQ(message_of([&] { load_json(path); }),
            path +
                ":2:4: error: comma before ']' [json-syntax]\n"
                "  2 |  [1,]}\n"
                "    |    ^\n"
                "  fix: remove this comma: JSON allows none after the last element");
  EXPECT_EQ(message_of([&] { load_json("no/such.json"); }),
            "error: file 'no/such.json' does not exist [file-missing]\n"
            "  fix: check the path; relative paths are relative to the file that names them");
}

}  // namespace
}  // namespace cellwright::text

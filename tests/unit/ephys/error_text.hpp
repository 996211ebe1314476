#pragma once
/// The text of an error, for comparisons of whole messages.

#include <string>

#include "cellwright/base/error.hpp"

namespace cellwright::ephys {

/// What `action` throws; "no error" if it does not.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace cellwright::ephys

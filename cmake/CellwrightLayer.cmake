# cellwright_add_layer(<name> [PUBLIC targets...] [PRIVATE targets...])
# One static library per layer folder: its sources are every .cpp below src/<name>, its public headers stand in
# include/cellwright/<name>. The file list is globbed so that a new feature, pass or optimiser touches no list.
function(cellwright_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
  # Off: GCC 12 reports these two falsely inside std::string (GCC bugs 105329, 105562); designated initialisers leave
  # fields at their defaults on purpose.
  target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized -Wno-missing-field-initializers)
  # GCC contracts a*b+c into FMA by default; results must not depend on the instruction set outside the lane kernels.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  if(CELLWRIGHT_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CELLWRIGHT_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${CELLWRIGHT_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${CELLWRIGHT_SANITIZE})
  endif()
endfunction()

function(cellwright_add_layer name)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  foreach(excluded IN LISTS ARG_EXCLUDE)
    list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/${excluded}")
  endforeach()
  if(NOT sources)
    message(FATAL_ERROR "layer ${name} has no sources")
  endif()
  add_library(cellwright_${name} STATIC ${sources})
  add_library(cellwright::${name} ALIAS cellwright_${name})
  set_target_properties(cellwright_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(cellwright_${name}
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_features(cellwright_${name} PUBLIC cxx_std_20)
  target_link_libraries(cellwright_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  cellwright_compile_options(cellwright_${name})
  set_property(GLOBAL APPEND PROPERTY CELLWRIGHT_LAYERS cellwright_${name})
endfunction()

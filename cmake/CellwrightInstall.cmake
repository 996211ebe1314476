# cmake --install: the program, the public headers, the libraries and a CMake package.
# A user's project then says:
#   find_package(cellwright REQUIRED)
#   target_link_libraries(own_program PRIVATE cellwright::cellwright)
include(CMakePackageConfigHelpers)
set(cellwright_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/cellwright")

# One target over all layers but the command line's.
get_property(cellwright_layers GLOBAL PROPERTY CELLWRIGHT_LAYERS)
set(cellwright_exported ${cellwright_layers})
list(REMOVE_ITEM cellwright_layers cellwright_cli)
add_library(cellwright_all INTERFACE)
add_library(cellwright::cellwright ALIAS cellwright_all)
set_target_properties(cellwright_all PROPERTIES EXPORT_NAME cellwright)
target_link_libraries(cellwright_all INTERFACE ${cellwright_layers})
# Layers without sources (abi) are headers only.
target_include_directories(cellwright_all INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

install(TARGETS ${cellwright_exported} cellwright_all EXPORT cellwrightTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/cellwright" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT cellwrightTargets NAMESPACE cellwright:: DESTINATION "${cellwright_package_dir}")
if(TARGET cellwright)
  install(TARGETS cellwright RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/cellwrightConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/cellwrightConfig.cmake" INSTALL_DESTINATION "${cellwright_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cellwrightConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cellwrightConfig.cmake" "${PROJECT_BINARY_DIR}/cellwrightConfigVersion.cmake"
  DESTINATION "${cellwright_package_dir}")

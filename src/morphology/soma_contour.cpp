#include "morphology/soma_contour.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "morphology/symmetric_eigen.hpp"

namespace cellwright::morphology {
namespace {

constexpr std::size_t station_count = 101;
constexpr std::size_t disc_count = 21;

/// Values at `wanted` positions on the polyline (position, value); constant beyond its ends. Both ascending.
std::vector<double> interpolate(const std::vector<double>& wanted, const std::vector<double>& position,
                                const std::vector<double>& value) {
  std::vector<double> out;
  out.reserve(wanted.size());
  std::size_t k = 0;
  for (; k < wanted.size() && wanted[k] <= position[0]; ++k) out.push_back(value[0]);
  for (std::size_t i = 1; i < position.size(); ++i) {
    if (position[i] <= position[i - 1]) continue;  // no advance
    for (; k < wanted.size() && wanted[k] <= position[i]; ++k) {
      const double fraction = (wanted[k] - position[i - 1]) / (position[i] - position[i - 1]);
      out.push_back((1.0 - fraction) * value[i - 1] + fraction * value[i]);
    }
  }
  out.resize(wanted.size(), value.back());
  return out;
}

struct Stations {
  std::array<std::vector<double>, 3> axis;  ///< x, y and z
  std::array<double, 3> centre{};
};

Stations resample(const Contour& contour) {
  std::vector<double> position(contour.size(), 0.0);
  for (std::size_t i = 1; i < contour.size(); ++i) {
    const double dx = contour[i].x - contour[i - 1].x;
    const double dy = contour[i].y - contour[i - 1].y;
    position[i] = position[i - 1] + std::sqrt(dx * dx + dy * dy);
  }
  const double step = position.back() / static_cast<double>(station_count - 1);
  std::vector<double> wanted(station_count);
  for (std::size_t k = 0; k < station_count; ++k) wanted[k] = static_cast<double>(k) * step;
  Stations stations;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> value;
    for (const RawPoint& p : contour) value.push_back(axis == 0 ? p.x : axis == 1 ? p.y : p.z);
    stations.axis[axis] = interpolate(wanted, position, value);
    double sum = 0.0;
    for (const double v : stations.axis[axis]) sum += v;
    stations.centre[axis] = sum / static_cast<double>(station_count);
  }
  return stations;
}

RawPoint as_point(const std::array<double, 3>& v) { return {v[0], v[1], v[2], 0.0}; }

double distance(const RawPoint& a, const RawPoint& b) {
  const double dx = a.x - b.x;
  const double dy = a.y - b.y;
  const double dz = a.z - b.z;
  return std::sqrt(dx * dx + dy * dy + dz * dz);
}

/// One side of the outline: distance along the long axis (ascending in the end) and distance from it.
struct Side {
  std::vector<double> along;
  std::vector<double> across;
};

struct Axes {
  std::array<double, 3> major{};
  std::array<double, 3> minor{};  ///< in the xy plane
};

std::optional<Axes> principal_axes(const Stations& centred) {
  Matrix3 scatter{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j) {
      double sum = 0.0;
      for (std::size_t k = 0; k < station_count; ++k) sum += centred.axis[i][k] * centred.axis[j][k];
      scatter[i][j] = scatter[j][i] = sum;
    }
  }
  const SymmetricEigen eigen = symmetric_eigen(scatter);
  const auto largest =
      static_cast<std::size_t>(std::max_element(eigen.values.begin(), eigen.values.end()) - eigen.values.begin());
  const auto smallest =
      static_cast<std::size_t>(std::min_element(eigen.values.begin(), eigen.values.end()) - eigen.values.begin());
  if (largest == smallest) return std::nullopt;
  Axes axes{eigen.vectors[largest], eigen.vectors[3 - largest - smallest]};
  const auto longest = std::max_element(axes.major.begin(), axes.major.end(),
                                        [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (*longest < 0.0) {
    for (double& v : axes.major) v = -v;
  }
  axes.minor[2] = 0.0;
  const double length = std::sqrt(axes.minor[0] * axes.minor[0] + axes.minor[1] * axes.minor[1]);
  if (length < 1e-6) return std::nullopt;
  for (double& v : axes.minor) v /= length;
  return axes;
}

/// Cuts the outline at its two ends along the major axis. The first side comes reversed, so that both should ascend.
std::array<Side, 2> two_sides(const Stations& centred, const Axes& axes) {
  Side all;
  for (std::size_t k = 0; k < station_count; ++k) {
    double along = 0.0;
    double across = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
      along += centred.axis[i][k] * axes.major[i];
      across += centred.axis[i][k] * axes.minor[i];
    }
    all.along.push_back(along);
    all.across.push_back(across);
  }
  const auto top = std::max_element(all.along.begin(), all.along.end()) - all.along.begin();
  std::rotate(all.along.begin(), all.along.begin() + top, all.along.end());
  std::rotate(all.across.begin(), all.across.begin() + top, all.across.end());
  const auto bottom = std::min_element(all.along.begin(), all.along.end()) - all.along.begin();
  std::array<Side, 2> sides;
  sides[0].along.assign(std::make_reverse_iterator(all.along.begin() + bottom), all.along.rend());
  sides[0].across.assign(std::make_reverse_iterator(all.across.begin() + bottom), all.across.rend());
  sides[1].along.assign(all.along.begin() + bottom, all.along.end());
  sides[1].across.assign(all.across.begin() + bottom, all.across.end());
  return sides;
}

/// Drops points that do not ascend, from the far end to the start; after a deletion the same place is tested again.
void make_ascending(Side& side) {
  for (std::size_t j = side.along.size(); j-- > 1;) {
    if (!hoc_less_equal(side.along[j], side.along[j - 1])) continue;
    side.along.erase(side.along.begin() + static_cast<std::ptrdiff_t>(j));
    side.across.erase(side.across.begin() + static_cast<std::ptrdiff_t>(j));
    if (j != side.along.size()) ++j;
  }
}

}  // namespace

RawPoint contour_centre(const Contour& contour) { return as_point(resample(contour).centre); }

RawPoint stack_centre(const std::vector<const Contour*>& contours) {
  std::vector<RawPoint> centres;
  std::vector<double> along = {0.0};
  for (const Contour* contour : contours) {
    centres.push_back(contour_centre(*contour));
    if (centres.size() > 1) along.push_back(along.back() + distance(centres.back(), centres[centres.size() - 2]));
  }
  const double half = along.back() / 2.0;
  const auto after = static_cast<std::size_t>(
      std::find_if(along.begin(), along.end(), [&](double s) { return s > half; }) - along.begin());
  if (half == 0.0 || after == along.size()) return centres.front();
  const double fraction = (half - along[after - 1]) / (along[after] - along[after - 1]);
  const RawPoint& a = centres[after - 1];
  const RawPoint& b = centres[after];
  return {fraction * b.x + (1 - fraction) * a.x, fraction * b.y + (1 - fraction) * a.y,
          fraction * b.z + (1 - fraction) * a.z, 0.0};
}

std::optional<std::vector<RawPoint>> discs_of_contour(const Contour& contour) {
  Stations stations = resample(contour);
  for (std::size_t i = 0; i < 3; ++i) {
    for (double& v : stations.axis[i]) v -= stations.centre[i];
  }
  const std::optional<Axes> axes = principal_axes(stations);
  if (!axes) return std::nullopt;
  std::array<Side, 2> sides = two_sides(stations, *axes);
  std::vector<double> along;
  for (Side& side : sides) {
    if (side.along.empty()) return std::nullopt;
    make_ascending(side);
    along.insert(along.end(), side.along.begin(), side.along.end());
  }
  std::sort(along.begin(), along.end());
  if (along.size() < 4) return std::nullopt;
  const double begin = along[1];
  const double step = (along[along.size() - 2] - begin) / static_cast<double>(disc_count - 1);
  if (!(step > 0.0)) return std::nullopt;
  std::vector<double> position;
  for (std::size_t k = 0; k < disc_count; ++k) position.push_back(begin + static_cast<double>(k) * step);
  const std::vector<double> a = interpolate(position, sides[0].along, sides[0].across);
  const std::vector<double> b = interpolate(position, sides[1].along, sides[1].across);
  std::vector<RawPoint> discs;
  for (std::size_t k = 0; k < disc_count; ++k) {
    discs.push_back({axes->major[0] * position[k] + stations.centre[0],
                     axes->major[1] * position[k] + stations.centre[1],
                     axes->major[2] * position[k] + stations.centre[2], std::abs(a[k] - b[k])});
  }
  // The outline closes at its ends: averaging keeps the end discs from vanishing.
  discs.front().diam = (discs.front().diam + discs[1].diam) / 2.0;
  discs.back().diam = (discs.back().diam + discs[disc_count - 2].diam) / 2.0;
  const bool flat = std::any_of(discs.begin(), discs.end(),
                                [](const RawPoint& disc) { return !(static_cast<float>(disc.diam) > 0.0F); });
  return flat ? std::nullopt : std::optional(discs);
}

std::vector<RawPoint> discs_of_stack(const std::vector<const Contour*>& contours) {
  std::vector<RawPoint> discs;
  for (const Contour* contour : contours) {
    const Stations stations = resample(*contour);
    RawPoint disc = as_point(stations.centre);
    double perimeter = 0.0;
    for (std::size_t i = 0; i < contour->size(); ++i) {
      perimeter += distance((*contour)[i], (*contour)[(i + 1) % contour->size()]);
    }
    double radius_sum = 0.0;
    for (std::size_t k = 0; k < station_count; ++k) {
      radius_sum += distance({stations.axis[0][k], stations.axis[1][k], stations.axis[2][k], 0.0}, disc);
    }
    disc.diam = radius_sum / static_cast<double>(station_count) + perimeter / (2.0 * std::numbers::pi);
    discs.push_back(disc);
  }
  return discs;
}

}  // namespace cellwright::morphology

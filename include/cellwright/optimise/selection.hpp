#pragma once
/// Who becomes a parent: IBEA and NSGA2, with the order rules of BluePyOpt 1.14.26 and DEAP 1.4.4.
///
/// All objectives are minimised and should be finite. Where a value is NaN or a range overflows, fitnesses may be NaN;
/// NaN then ranks last and the result is still defined and reproducible.

#include "cellwright/base/table.hpp"
#include "cellwright/numeric/python_random.hpp"

#include <cstdint>
#include <vector>

namespace cellwright::optimise {

/// Rows of a pool.
using Rows = std::vector<std::uint32_t>;

/// Indicator-based fitness (Zitzler & Künzli 2004, PPSN VIII) of each row of `objectives` [n, n_objectives]; smaller is
/// better. With I(a, b) = max_k (v_ak - v_bk) / range_k over the pool and m = max |I|:
/// fitness(b) = sum over a != b of exp(-I(a, b) / (kappa * m)); all 0 if all rows are equal.
/// The sum runs in NumPy's pairwise order over the rows. Memory O(n * n_objectives), or O(u^2) for few unique rows.
/// @see bluepyopt.deapext.tools.selIBEA
std::vector<double> ibea_fitness(TableView<const double> objectives, double kappa = 0.05);

struct IbeaSelection {
  Rows order;    ///< all rows of the pool, best first; rows of equal fitness keep their order
  Rows parents;  ///< winners of `count` tournaments of 4, as positions in `order`
};

/// Sorts the pool by fitness (nothing is discarded) and holds `count` tournaments with replacement: 4 draws each.
IbeaSelection select_ibea(TableView<const double> objectives, std::size_t count, numeric::PythonRandom& random);

/// The fronts of non-dominated sorting (Deb et al. 2002, IEEE Trans. Evol. Comput. 6:182) that cover `count` rows,
/// in DEAP's order: rows of equal objectives stand together. Memory u^2 / 8 bytes for u unique rows.
std::vector<Rows> nondominated_fronts(TableView<const double> objectives, std::size_t count);

/// Crowding distance of each of `front`'s rows, in its order.
std::vector<double> crowding_distances(TableView<const double> objectives, const Rows& front);

/// The `count` best rows: whole fronts in order, then the last front by descending crowding distance. No draws.
Rows select_nsga2(TableView<const double> objectives, std::size_t count);

}  // namespace cellwright::optimise

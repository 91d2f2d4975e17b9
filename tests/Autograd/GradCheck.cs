using System.Globalization;
using GanFromScratch.Autograd;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>How far the gradients of a function are from central differences.</summary>
/// <param name="Worst">The worst deviation, as a multiple of what is allowed: up to 1 is right.</param>
/// <param name="Where">The target and the element of the worst deviation: `w[3,4] element 7`.</param>
/// <param name="Gradient">What the gradient says there.</param>
/// <param name="Difference">What central differences say there.</param>
/// <param name="Checked">How many elements were compared.</param>
internal sealed record GradCheckResult(double Worst, string Where, double Gradient, double Difference, int Checked)
{
    /// <summary>Whether no element strays further than is allowed.</summary>
    public bool Passed => Worst <= 1;

    /// <inheritdoc/>
    public override string ToString()
    {
        string advice = Passed ? "" : "; look at the Backward of the ops on the way";
        return string.Create(CultureInfo.InvariantCulture,
            $"GradCheck: {Where}: the gradient is {Gradient:g6}, central differences say {Difference:g6}: "
            + $"{Worst:g3} times the deviation allowed{advice}");
    }
}

/// <summary>
/// Compares gradients with central differences: of L = Σ weight · y over all outputs y of a function, with fixed pseudo-random weights,
/// added up in double on the host. An element's step is 2⁻⁷ · max(1, |x|). A deviation is allowed up to the tolerance times the larger of
/// the element's gradient and the root mean square of its target's, plus what float32 rounding of the outputs does to a difference. Where
/// that is exceeded, the differences to either side and steps 4 and 16 times smaller are tried, because a step may have crossed a kink.
/// </summary>
internal static class GradCheck
{
    /// <summary>The deviation that is allowed, relative to the gradient.</summary>
    public const double Tolerance = 2e-3;

    private const double Step = 1.0 / 128;
    private const double Rounding = 1.0 / (1 << 22); // two units in the last place

    /// <summary>Checks the gradients of a function with respect to its parameters.</summary>
    /// <param name="device">Where it is computed.</param>
    /// <param name="targets">The parameters; they are changed during the check, and restored.</param>
    /// <param name="function">The same output, of any shape, each time it is called with the same parameters.</param>
    /// <param name="samples">At most so many elements of each target are checked, spread over it.</param>
    /// <param name="tolerance">The deviation that is allowed, relative to the gradient.</param>
    public static GradCheckResult First(
        Device device, Parameter[] targets, Func<Tape, Var> function, int samples = 64, double tolerance = Tolerance)
    {
        return Compare(targets, Gradient, Value, samples, tolerance);

        float[][] Gradient()
        {
            using var tape = new Tape(device);
            var gradients = tape.Gradients(Weighted(function(tape), 0), targets);
            return [.. targets.Select(target => gradients[target].Value.ToArray())];
        }

        (double, double) Value()
        {
            using var tape = new Tape(device);
            return WeightedOnHost(function(tape), 0, default);
        }
    }

    /// <summary>
    /// Checks second derivatives: the gradient of G = Σ weight · dL/dx over all elements x of the targets, through differentiable
    /// gradients, against central differences of G, computed by plain ones.
    /// </summary>
    /// <inheritdoc cref="First"/>
    public static GradCheckResult Second(
        Device device, Parameter[] targets, Func<Tape, Var> function, int samples = 64, double tolerance = Tolerance)
    {
        return Compare(targets, Gradient, Value, samples, tolerance);

        float[][] Gradient()
        {
            using var tape = new Tape(device);
            var first = tape.Gradients(Weighted(function(tape), 0), targets, differentiable: true);
            var sum = Weighted(first[targets[0]], 1);
            for (int t = 1; t < targets.Length; t++)
                sum = sum.Add(Weighted(first[targets[t]], (uint)t + 1));
            var second = tape.Gradients(sum, targets);
            return [.. targets.Select(target => second[target].Value.ToArray())];
        }

        (double, double) Value()
        {
            using var tape = new Tape(device);
            var first = tape.Gradients(Weighted(function(tape), 0), targets);
            (double Sum, double Squares) total = default;
            for (int t = 0; t < targets.Length; t++)
                total = WeightedOnHost(first[targets[t]], (uint)t + 1, total);
            return total;
        }
    }

    private static GradCheckResult Compare(
        Parameter[] targets, Func<float[][]> gradient, Func<(double Sum, double Squares)> value, int samples, double tolerance)
    {
        if (targets.Length == 0)
            throw new ArgumentException("GradCheck: there is no target to check");
        float[][] gradients = gradient();
        var loss = value();
        double rounding = Rounding * Math.Sqrt(loss.Squares);
        var worst = new GradCheckResult(-1, "", 0, 0, 0);
        int done = 0;
        for (int t = 0; t < targets.Length; t++)
        {
            float[] values = targets[t].Value.ToArray();
            double meanSquare = gradients[t].Sum(g => (double)g * g) / Math.Max(1, values.Length);
            int count = Math.Min(samples, values.Length);
            for (int s = 0; s < count; s++, done++)
            {
                int i = (int)((long)s * values.Length / count);
                var (deviation, difference) = Element(targets[t].Value, values, i, gradients[t][i], Math.Sqrt(meanSquare));
                if (deviation > worst.Worst)
                    worst = new(deviation, $"{targets[t].Name}{targets[t].Value.Shape} element {i}", gradients[t][i], difference, 0);
            }
        }
        return worst with { Checked = done };

        // The deviation of the first difference that is good enough, or of the best one.
        (double Deviation, double Difference) Element(Tensor target, float[] values, int i, double expected, double scale)
        {
            (double Deviation, double Difference) best = (double.PositiveInfinity, double.NaN);
            float x = values[i];
            for (int attempt = 0; attempt < 3 && best.Deviation > 1; attempt++)
            {
                double step = Step / (1 << (2 * attempt)) * Math.Max(1, Math.Abs(x));
                float right = (float)(x + step), left = (float)(x - step);
                double atRight = At(right), atLeft = At(left);
                Put(x);
                Try((atRight - atLeft) / ((double)right - left), step);
                if (best.Deviation > 1)
                {
                    Try((atRight - loss.Sum) / ((double)right - x), step / 2);
                    Try((loss.Sum - atLeft) / ((double)x - left), step / 2);
                }
            }
            return best;

            void Try(double difference, double step)
            {
                double size = Math.Max(scale, Math.Max(Math.Abs(expected), Math.Abs(difference)));
                double deviation = Math.Abs(expected - difference) / ((tolerance * size) + (rounding / step) + double.Epsilon);
                if (deviation < best.Deviation)
                    best = (deviation, difference);
            }

            double At(float moved)
            {
                Put(moved);
                return value().Sum;
            }

            void Put(float moved)
            {
                values[i] = moved;
                target.CopyFrom(values);
            }
        }
    }

    /// <summary>Σ weight · y on the tape.</summary>
    private static Var Weighted(Var y, uint set)
    {
        var weights = new float[y.Value.Count];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Weight(set, i);
        var constant = y.Tape.Scratch(y.Shape);
        constant.Value.CopyFrom(weights);
        return y.Multiply(constant).Sum();
    }

    private static (double Sum, double Squares) WeightedOnHost(Var y, uint set, (double Sum, double Squares) onto)
    {
        float[] values = y.Value.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            double term = (double)Weight(set, i) * values[i];
            onto = (onto.Sum + term, onto.Squares + (term * term));
        }
        return onto;
    }

    /// <summary>A fixed number with a size in [½, 1) and either sign: no output counts for nothing, and none like its neighbour.</summary>
    private static float Weight(uint set, int i)
    {
        uint bits = ((uint)i * 2654435769u) ^ ((set + 1) * 2246822519u);
        bits = (bits ^ (bits >> 15)) * 2221713035u;
        bits ^= bits >> 16;
        float size = 0.5f + ((bits >> 9) * (0.5f / (1 << 23)));
        return (bits & 1) == 0 ? size : -size;
    }
}

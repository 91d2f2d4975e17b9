using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class AdamTests
{
    private CpuDevice _device = null!;

    [SetUp]
    public void SetUp() => _device = new CpuDevice(2);

    [TearDown]
    public void TearDown() => _device.Dispose();

    [TestCase(2e-4f, 0.5f, 0.999f, 1e-7f)]
    [TestCase(1e-3f, 0.9f, 0.999f, 1e-8f)]
    [TestCase(0.05f, 0f, 0.9f, 1e-2f)]
    public void FollowsThePaperInDouble(float rate, float beta1, float beta2, float epsilon) =>
        Assert.That(Strays(rate, beta1, beta2, epsilon, (m, v) => m / (Math.Sqrt(v) + epsilon)), Is.LessThan(1));

    [Test]
    public void EpsilonBeforeTheBiasCorrectionIsFound()
    {
        // As Keras has it: that is another algorithm, and with so large an epsilon far away.
        const float Epsilon = 1e-2f;
        double strays = Strays(1e-3f, 0.9f, 0.999f, Epsilon, (m, v) => m / (Math.Sqrt(v) + (Epsilon / Math.Sqrt(1 - 0.999))));
        Assert.That(strays, Is.GreaterThan(10));
    }

    [Test]
    public void TheFirstStepIsTheLearningRateInTheGradientsDirection()
    {
        var p = Parameter(3, 0);
        var adam = new Adam([p], learningRate: 0.25f, epsilon: 1e-12f);
        Step(adam, p, [1e-3f, -40, 0]);
        Assert.That(p.Value.ToArray(), Is.EqualTo(new float[] { -0.25f, 0.25f, 0 }).Within(1e-6));
    }

    [Test]
    public void CountsItsStepsAndTakesAnotherRate()
    {
        var p = Parameter(1, 0);
        var adam = new Adam([p], learningRate: 0.5f, epsilon: 1e-12f);
        Assert.That(adam.Steps, Is.Zero);
        Step(adam, p, [1]);
        Step(adam, p, [1], learningRate: 0.125f);
        Assert.That(adam.Steps, Is.EqualTo(2));
        Assert.That(p.Value.Item(), Is.EqualTo(-0.625f).Within(1e-6));
    }

    [Test]
    public void AMissingGradientChangesNothing()
    {
        Parameter p = Parameter(2, 0), forgotten = Parameter(2, 1);
        var adam = new Adam([p, forgotten], 0.5f);
        Assert.That(() => Step(adam, p, [1, 1]), Throws.InvalidOperationException.With.Message.Contains("was not a target"));
        Assert.That(adam.Steps, Is.Zero);
        Assert.That(p.Value.ToArray(), Is.EqualTo(new float[2]));
    }

    [Test]
    public void TheFirstNonFiniteIsTheEarliestAndThenTheOneNearestToTheEnd()
    {
        Parameter[] all = [Parameter(3, 1), Parameter(2, 2), Parameter(4, 3)];
        using var adam = new Adam(all, 0.5f);
        Step(adam, all, 7, 1, 1, 1);
        Assert.That(adam.FirstNonFinite, Is.Null);
        Step(adam, all, 8, float.NaN, 1e30f, 1);
        Assert.That(adam.FirstNonFinite, Is.EqualTo((all[1], 8)));
        Step(adam, all, 9, 1, 1, float.NaN);
        Assert.That(adam.FirstNonFinite, Is.EqualTo((all[1], 8)), "what comes later changes nothing");
    }

    [Test]
    public void TrainingStepsCountFromOne()
    {
        var p = Parameter(1, 0);
        using var adam = new Adam([p], 0.5f);
        Assert.That(() => Step(adam, [p], 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>
    /// The largest difference from a reference in double after each of 300 steps on noisy gradients, as a multiple of what is allowed: a
    /// thousandth of the steps' sizes.
    /// </summary>
    private double Strays(float rate, float beta1, float beta2, float epsilon, Func<double, double, double> update)
    {
        int[] counts = [1, 17, 5000];
        Parameter[] parameters = [.. counts.Select((count, i) => Parameter(count, i))];
        var adam = new Adam(parameters, rate, beta1, beta2, epsilon);
        double[][] p = [.. parameters.Select(x => x.Value.ToArray().Select(v => (double)v).ToArray())], m = Zeros(), v = Zeros();
        double worst = 0;
        for (int t = 1; t <= 300; t++)
        {
            using var tape = new Tape(_device);
            var loss = tape.Constant(Tensor.Filled(_device, new Shape(1), 0));
            float[][] gradients = [.. counts.Select((count, i) =>
            {
                using var noise = new Tensor(_device, new Shape(count));
                RandomNumbers.Normal(new RandomStream((ulong)t, (uint)i), 0.3f, 1, noise);
                return noise.ToArray();
            })];
            for (int i = 0; i < counts.Length; i++)
            {
                var weights = tape.Own(Tensor.From(_device, new Shape(counts[i]), gradients[i]));
                loss = loss.Add(tape.Use(parameters[i]).Multiply(weights).Sum());
            }
            adam.Step(tape.Gradients(loss, parameters));
            for (int i = 0; i < counts.Length; i++)
            {
                float[] ours = parameters[i].Value.ToArray();
                for (int k = 0; k < counts[i]; k++)
                {
                    double g = gradients[i][k];
                    m[i][k] = (beta1 * m[i][k]) + ((1.0 - beta1) * g);
                    v[i][k] = (beta2 * v[i][k]) + ((1.0 - beta2) * g * g);
                    p[i][k] -= rate * update(m[i][k] / (1 - Math.Pow(beta1, t)), v[i][k] / (1 - Math.Pow(beta2, t)));
                    worst = Math.Max(worst, Math.Abs(ours[k] - p[i][k]) / ((1e-3 * rate * Math.Sqrt(t)) + (1e-7 * t)));
                }
            }
        }
        return worst;

        double[][] Zeros() => [.. counts.Select(count => new double[count])];
    }

    private Parameter Parameter(int count, int stream)
    {
        var value = new Tensor(_device, new Shape(count));
        if (stream == 0)
            _device.Fill(value, 0);
        else
            RandomNumbers.Normal(new RandomStream(1, (uint)stream), 0, 1, value);
        return new Parameter($"p{stream}", value);
    }

    private void Step(Adam adam, Parameter p, float[] gradient, float? learningRate = null)
    {
        using var tape = new Tape(_device);
        var loss = tape.Use(p).Multiply(tape.Own(Tensor.From(_device, p.Value.Shape, gradient))).Sum();
        adam.Step(tape.Gradients(loss, [p]), learningRate);
    }

    /// <summary>One update in which all elements of a parameter have the same gradient.</summary>
    private void Step(Adam adam, Parameter[] parameters, int trainingStep, params float[] gradients)
    {
        using var tape = new Tape(_device);
        var losses = parameters.Zip(gradients, (p, gradient) =>
            tape.Use(p).Multiply(tape.Own(Tensor.Filled(_device, p.Value.Shape, gradient))).Sum());
        adam.Step(tape.Gradients(losses.Aggregate((a, b) => a.Add(b)), parameters), trainingStep: trainingStep);
    }
}

using System.Runtime.CompilerServices;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>The two networks of a recipe on a device, with their optimisers.</summary>
public sealed class GanModel : IDisposable
{
    /// <summary>What the names of the generator's tensors begin with in a checkpoint.</summary>
    internal const string GeneratorPrefix = "generator.";

    /// <summary>The same for the averaged generator's.</summary>
    internal const string AveragePrefix = "average.";

    private readonly VarPool _pool = new();
    private readonly ExponentialMovingAverage? _average;
    private readonly (float G, float D) _rates;

    /// <summary>New networks, their weights drawn from the seed.</summary>
    /// <param name="recipe">What to build.</param>
    /// <param name="device">Where.</param>
    /// <param name="pixels">Numbers in one picture.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="learningRate">In place of the recipe's own, for both networks.</param>
    /// <param name="batch">Pictures in a whole batch, in place of the recipe's own.</param>
    /// <param name="objective">In place of the recipe's own.</param>
    public GanModel(
        Recipe recipe, Device device, int pixels, ulong seed, float? learningRate = null, int? batch = null, Objective? objective = null)
    {
        Recipe = recipe;
        Device = device;
        Objective = objective ?? recipe.Objective;
        KeepsOwnStep = Objective.KeepsOwnStep;
        Batch = batch ?? recipe.BatchFor(pixels);
        Generator = recipe.Generator(new LayerFactory(device, recipe.Init, SeedStream.GeneratorInit.Of(seed)), pixels);
        var make = new LayerFactory(device, recipe.Init, SeedStream.DiscriminatorInit.Of(seed), Objective.SpectralNorm ? SeedStream.SpectralNorm.Of(seed) : null);
        Discriminator = recipe.Discriminator(make, pixels * Objective.Pack);
        var shared = recipe.SharesStepCounter ? new StepCounter() : null;
        GeneratorAdam = Make(Generator, recipe.GeneratorAdam, learningRate, shared);
        DiscriminatorAdam = Make(Discriminator, recipe.DiscriminatorAdam, learningRate, shared);
        _rates = (GeneratorAdam.LearningRate, DiscriminatorAdam.LearningRate);
        InstanceNoise = Objective.InstanceNoise;
        if (Objective.Ema > 0)
        {
            var average = recipe.Generator(new LayerFactory(device, recipe.Init, SeedStream.GeneratorInit.Of(seed)), pixels);
            _average = new ExponentialMovingAverage(Generator, average, Objective.Ema);
        }
    }

    /// <summary>What they are of.</summary>
    public Recipe Recipe { get; }

    /// <summary>Where the networks are.</summary>
    public Device Device { get; }

    /// <summary>What they play for.</summary>
    public Objective Objective { get; }

    /// <inheritdoc cref="Objective.KeepsOwnStep"/>
    public bool KeepsOwnStep { get; }

    /// <summary>Pictures in a whole batch.</summary>
    public int Batch { get; }

    /// <summary>Noise to pictures.</summary>
    public Sequential Generator { get; }

    /// <summary>What pictures are made from: the generator, or its moving average where the objective has one.</summary>
    public Sequential Sampler => _average?.Network ?? Generator;

    /// <summary>Pictures, as many at once as the objective packs together, to logits.</summary>
    public Sequential Discriminator { get; }

    /// <summary>The generator's optimiser.</summary>
    public Adam GeneratorAdam { get; }

    /// <summary>The discriminator's optimiser.</summary>
    public Adam DiscriminatorAdam { get; }

    /// <summary>The generator's learning rate at the run's beginning.</summary>
    public float GeneratorRate => _rates.G;

    /// <summary>The discriminator's.</summary>
    public float DiscriminatorRate => _rates.D;

    /// <summary>What is left of the learning rates, and of R1 and R2, from 1.</summary>
    public float RateFactor { get; private set; } = 1f;

    /// <summary>The deviation of the noise on what D sees now.</summary>
    public float InstanceNoise { get; private set; }

    /// <summary>Whether steps measure their gradients' norms: two more passes over all gradients.</summary>
    public bool MeasureGradients { get; set; }

    /// <summary>Sees the gradients of every update, before it is made.</summary>
    internal Action<Sequential, Gradients>? GradientsSeen { get; set; }

    /// <summary>Visits both networks, the averaged one where there is one, and both optimisers.</summary>
    public void VisitState(IStateVisitor visitor)
    {
        Generator.VisitState(visitor, GeneratorPrefix);
        Discriminator.VisitState(visitor, "discriminator.");
        _average?.VisitState(visitor, AveragePrefix);
        GeneratorAdam.VisitState(visitor, "generator_adam.");
        DiscriminatorAdam.VisitState(visitor, "discriminator_adam.");
    }

    /// <summary>Hands the storage of networks and optimisers back.</summary>
    public void Dispose()
    {
        foreach (var network in (Sequential[])[Generator, Discriminator, Sampler])
        {
            foreach (var parameter in network.Parameters.Concat(network.Statistics))
                parameter.Value.Dispose();
        }
        GeneratorAdam.Dispose();
        DiscriminatorAdam.Dispose();
    }

    /// <summary>The share of numbers above 0: of logits, those that say "real".</summary>
    public static LateNumber ShareOfPositive(Tensor logits) => Mean(default(Positive), logits);

    /// <summary>The mean of f over all elements.</summary>
    public static LateNumber Mean<F>(F f, Tensor x)
        where F : struct, IMap
    {
        using var mean = new Tensor(x.Device, new Shape(1));
        Reduce.Sum(f, x, 1f / x.Count, mean);
        return LateNumber.Of(mean);
    }

    /// <summary>A tape on the networks' device that recycles the objects of the step's earlier tapes.</summary>
    public Tape NewTape() => new(Device, _pool);

    /// <summary>One training step.</summary>
    /// <param name="reals">A real batch [N, pixels] for each of D's updates: one, unless the objective asks for more.</param>
    /// <param name="noise">Where noise comes from.</param>
    /// <param name="progress">The share of the run that is over, which rates and noise depend on.</param>
    public LateStepResult Step(ReadOnlySpan<Tensor> reals, INoiseSource noise, double progress)
    {
        RateFactor = (float)Objective.RateFactor(progress);
        GeneratorAdam.LearningRate = _rates.G * RateFactor;
        DiscriminatorAdam.LearningRate = _rates.D * RateFactor;
        InstanceNoise = (float)(Objective.InstanceNoise * (1 - progress));
        var result = KeepsOwnStep ? Recipe.Step(this, reals[0], noise) : AdversarialStep.Run(this, reals, noise);
        _average?.Follow();
        return result;
    }

    /// <summary>A network's gradients of a loss.</summary>
    public Gradients Differentiate(Sequential network, Tape tape, Var loss, ref LateStepResult result)
    {
        var gradients = tape.Gradients(loss, network.ParameterArray);
        GradientsSeen?.Invoke(network, gradients);
        if (MeasureGradients && network == Generator)
            result.GeneratorGradientNorm = Norm(network, gradients);
        else if (MeasureGradients)
            result.DiscriminatorGradientNorm = Norm(network, gradients);
        if (Objective.GradientClip > 0)
            gradients.ClipByNorm(network.ParameterArray, Objective.GradientClip);
        return gradients;
    }

    /// <summary>One update of a network by its gradients.</summary>
    public void Apply(Sequential network, Gradients gradients)
    {
        (network == Generator ? GeneratorAdam : DiscriminatorAdam).Step(gradients);
        network.Updated();
    }

    /// <summary>One update of a network that descends a loss.</summary>
    public void Update(Sequential network, Tape tape, Var loss, ref LateStepResult result) =>
        Apply(network, Differentiate(network, tape, loss, ref result));

    /// <summary>Clips each of D's weights to ±limit.</summary>
    public void ClipDiscriminator(float limit)
    {
        foreach (var parameter in Discriminator.ParameterArray)
            Elementwise.Map(new Clamp(limit), parameter.Value, parameter.Value);
    }

    /// <summary>Pictures [N, pixels] from noise [N, z], on the host.</summary>
    public float[] Sample(Tensor noise, Pass pass)
    {
        using var tape = new Tape(Device);
        return Sampler.Forward(tape.Constant(noise), pass).Value.ToArray();
    }

    private static Adam Make(Sequential network, AdamSettings settings, float? learningRate, StepCounter? counter) =>
        new(network.ParameterArray, learningRate ?? settings.LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon, counter);

    private LateNorm Norm(Sequential network, Gradients gradients)
    {
        var parameters = network.ParameterArray;
        var squares = new DeferredScalar[parameters.Length];
        using var square = new Tensor(Device, new Shape(1));
        for (int i = 0; i < parameters.Length; i++)
        {
            Reduce.Sum(default(Square), gradients[parameters[i]].Value, 1f, square);
            squares[i] = square.ReadDeferred();
        }
        return new LateNorm(squares);
    }

    /// <summary>The nearest number within ±limit.</summary>
    internal readonly record struct Clamp(float Limit) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : struct, ILane<V>
        {
            V high = V.Of(Limit), low = V.Of(-Limit);
            return V.IfPositive(x - high, high, V.IfPositive(low - x, low, x));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => V.IfPositive(V.Of(Limit) - V.Abs(x), dy, V.Of(0f));
    }

    /// <summary>1 above 0, else 0: for counting.</summary>
    internal readonly struct Positive : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.IfPositive(x, V.Of(1f), V.Of(0f));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => V.Of(0f);
    }
}

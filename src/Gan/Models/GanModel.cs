using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>The two networks of a GAN on a device, with their optimisers.</summary>
public sealed class GanModel : IDisposable
{
    /// <summary>The prefix of the generator's tensors in a checkpoint.</summary>
    internal const string GeneratorPrefix = "generator.";

    /// <summary>The prefix of the discriminator's tensors in a checkpoint.</summary>
    internal const string DiscriminatorPrefix = "discriminator.";

    /// <summary>The prefix of the averaged generator's tensors in a checkpoint.</summary>
    internal const string AveragePrefix = "average.";

    private readonly VarPool _pool = new();
    private readonly ExponentialMovingAverage? _average;

    /// <summary>Joins two networks and their optimisers.</summary>
    /// <param name="generator">Noise vectors [N, z] to pictures [N, pixels].</param>
    /// <param name="discriminator">Pictures to logits [N, 1].</param>
    /// <param name="generatorAdam">The generator's optimiser.</param>
    /// <param name="discriminatorAdam">The discriminator's optimiser.</param>
    /// <param name="average">
    /// A network of the generator's layers that becomes its moving average; null: pictures are drawn from the generator itself.
    /// </param>
    /// <param name="decay">The decay of the moving average.</param>
    public GanModel(
        Sequential generator,
        Sequential discriminator,
        Adam generatorAdam,
        Adam discriminatorAdam,
        Sequential? average = null,
        float decay = 0f)
    {
        (Generator, Discriminator, GeneratorAdam, DiscriminatorAdam) = (generator, discriminator, generatorAdam, discriminatorAdam);
        _average = average is null ? null : new ExponentialMovingAverage(generator, average, decay);
    }

    /// <summary>The device of all parameters.</summary>
    public Device Device => Generator.ParameterArray[0].Value.Device;

    /// <summary>The number of classes that both networks are told; 0: none.</summary>
    public int Classes { get; init; }

    /// <summary>The shape of the pictures.</summary>
    public required PictureShape Picture { get; init; }

    /// <summary>Noise vectors to pictures.</summary>
    public Sequential Generator { get; }

    /// <summary>The network that draws pictures: the generator, or its moving average if there is one.</summary>
    public Sequential Sampler => _average?.Network ?? Generator;

    /// <summary>Pictures, or packs of them, to logits.</summary>
    public Sequential Discriminator { get; }

    /// <summary>The generator's optimiser.</summary>
    public Adam GeneratorAdam { get; }

    /// <summary>The discriminator's optimiser.</summary>
    public Adam DiscriminatorAdam { get; }

    /// <summary>Saves or restores both networks, the moving average and both optimisers.</summary>
    public void VisitState(IStateVisitor visitor)
    {
        Generator.VisitState(visitor, GeneratorPrefix);
        Discriminator.VisitState(visitor, DiscriminatorPrefix);
        _average?.VisitState(visitor, AveragePrefix);
        GeneratorAdam.VisitState(visitor, "generator_adam.");
        DiscriminatorAdam.VisitState(visitor, "discriminator_adam.");
    }

    /// <summary>Saves or restores the weights and statistics of both networks and of the moving average, without optimisers.</summary>
    /// <param name="visitor">Saves or restores them.</param>
    /// <param name="hasAverage">Whether the visitor has an average; otherwise the average gets the generator's weights.</param>
    public void VisitWeights(IStateVisitor visitor, bool hasAverage)
    {
        Generator.VisitState(visitor, GeneratorPrefix);
        Discriminator.VisitState(visitor, DiscriminatorPrefix);
        _average?.Network.VisitState(visitor, hasAverage ? AveragePrefix : GeneratorPrefix);
    }

    /// <summary>Starts a tape on the networks' device, which recycles the objects of earlier ones. The caller disposes it.</summary>
    public Tape NewTape() => new(Device, _pool);

    /// <summary>Moves the average towards the generator; to be called after each training step.</summary>
    public void UpdateAverage() => _average?.Follow();

    /// <summary>Draws pictures [N, pixels] from noise vectors [N, z], copied to the host.</summary>
    /// <param name="noise">The noise vectors.</param>
    /// <param name="pass">The generator's forward pass.</param>
    /// <param name="labels">[N], the classes that a conditional generator is asked for; null for others.</param>
    public float[] Sample(Tensor noise, Pass pass, Tensor? labels = null)
    {
        var pictures = new List<float>(noise.Shape.Rows * Picture.Length);
        foreach (var (from, count) in pass.BatchStatistics ? [(0, noise.Shape.Rows)] : Parts(Sampler, noise.Shape.Rows))
        {
            using var tape = new Tape(Device);
            var asked = Conditions(tape, labels, from, count);
            var made = Sampler.Forward(RowsOf(tape, noise, from, count), pass with { Detached = true, Labels = asked });
            pictures.AddRange(made.Value.ToArray());
        }
        return [.. pictures];
    }

    /// <summary>
    /// Divides rows, each of which goes through a network by itself: feature maps of all rows at once can take more memory than training.
    /// </summary>
    /// <param name="network">The network: dense ones take all rows at once.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="multiple">Rows that stay together.</param>
    public static IEnumerable<(int From, int Count)> Parts(Sequential network, int rows, int multiple = 1)
    {
        const int AtOnce = 32;
        bool hasMaps = network.Specs.Any(spec => spec.Window is not null);
        int part = hasMaps ? Math.Max(1, AtOnce / multiple) * multiple : Math.Max(1, rows);
        for (int from = 0; from < rows; from += part)
            yield return (from, Math.Min(part, rows - from));
    }

    /// <summary>Returns some rows of a tensor [N] or [N, columns], for a tape.</summary>
    public static Var RowsOf(Tape tape, Tensor all, int from, int count)
    {
        if (count == all.Shape[0])
            return tape.Constant(all);
        int columns = all.Shape.Rank == 1 ? 1 : all.Shape.Columns;
        var rows = tape.Scratch(all.Shape.Rank == 1 ? new Shape(count) : new Shape(count, columns));
        rows.Value.CopyFrom(all.ToArray().AsSpan(from * columns, count * columns));
        return rows;
    }

    /// <summary>
    /// Returns labels [N], class after class, over and over; null where networks are told none. The caller disposes them.
    /// </summary>
    public Tensor? LabelsInTurn(int count) => Classes == 0
        ? null
        : Tensor.From(Device, new Shape(count), [.. Enumerable.Range(0, count).Select(i => (float)(i % Classes))]);

    /// <summary>Returns labels [N] as the networks' layers take them; null for null.</summary>
    public Var? Conditions(Tape tape, Tensor? labels) => labels is null ? null : tape.Constant(labels).OneHot(Classes);

    /// <summary>Returns some rows of labels [N] as the networks' layers take them; null for null.</summary>
    public Var? Conditions(Tape tape, Tensor? labels, int from, int count) =>
        labels is null ? null : RowsOf(tape, labels, from, count).OneHot(Classes);

    /// <summary>Returns the storage of networks and optimisers to the device's pool.</summary>
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
}

using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>What can go wrong in a GAN's training.</summary>
public enum Diagnosis
{
    /// <summary>D is right about everything, and G's pictures come no closer to real ones.</summary>
    DiscriminatorWon,

    /// <summary>D calls everything real, or everything fake.</summary>
    DiscriminatorGaveUp,

    /// <summary>G makes few pictures, whatever the noise.</summary>
    GeneratorCollapsed,

    /// <summary>D's gradient is exactly zero, so it never changes again.</summary>
    DiscriminatorDead,

    /// <summary>G's gradient is exactly zero, so it never changes again.</summary>
    GeneratorDead,
}

/// <summary>What a collapse detector measured at an epoch's end; NaN if too few pictures are used.</summary>
/// <param name="Variety">
/// The mean distance between two generated pictures over that between two real ones: 1 is as varied, 0 a single picture.
/// </param>
/// <param name="NearestVariety">
/// The mean distance from a generated picture to the nearest other one, over the same of real pictures: near 0 if G makes few pictures.
/// </param>
/// <param name="EnergyDistance">
/// The energy distance of generated from real pictures, 2·E‖x - f‖ - E‖x - x'‖ - E‖f - f'‖ over E‖x - x'‖ (Székely and Rizzo, 2013); 0 for
/// equal distributions. It compares pixels, which is enough to rank a run's checkpoints.
/// </param>
/// <param name="DeadUnitsOfD">
/// The share of D's ReLUs that fire for no real picture, or for no generated one, whichever is less; NaN if D has no ReLU.
/// </param>
/// <param name="DeadUnitsOfG">The share of G's ReLUs that fire for no noise vector; NaN if G has none.</param>
/// <param name="Diagnoses">What is wrong.</param>
public sealed record CollapseReport(
    double Variety,
    double NearestVariety,
    double EnergyDistance,
    double DeadUnitsOfD,
    double DeadUnitsOfG,
    IReadOnlyList<Diagnosis> Diagnoses)
{
    /// <summary>D's outputs on real pictures: above 0 it takes them for real.</summary>
    public IReadOnlyList<float> ScoresOfReal { get; init; } = [];

    /// <summary>D's outputs on generated pictures.</summary>
    public IReadOnlyList<float> ScoresOfFake { get; init; } = [];
}

/// <summary>
/// Measures once an epoch what a GAN's losses don't show: the variety of G's pictures, D's accuracy, dead gradients. It draws no random
/// number of the run and changes nothing.
/// </summary>
internal sealed class CollapseDetector : IDisposable
{
    private const int MostPictures = 128, FewestPictures = 32, EpochsShare = 32; // a small part of an epoch's work
    private const double AlwaysRight = 0.995, HardlyEver = 0.02, Closer = 0.98;

    // bounds of variety and nearest variety: one picture (what rounding leaves of 0), few pictures, and the least of a GAN that works
    private const double OnePicture = 0.002, FewPictures = 0.25, NearPictures = 0.1, Varied = 0.5, NearVaried = 0.3;

    // A sign becomes a diagnosis when it lasts. G starts with little variety, and needs time to gain some.
    private const int EpochsToLast = 2, StepsToLast = 200, EpochsToLearn = 10, StepsToLearn = 3000;

    private readonly Recipe _recipe;
    private readonly GanModel _model;
    private readonly Tensor _real, _noise;
    private readonly Tensor? _labelsOfReal, _labelsOfNoise; // of a conditional recipe
    private readonly double _realSpread, _realNearest;
    private readonly int _stepsPerEpoch, _pack;
    private readonly int[] _epochs = new int[Enum.GetValues<Diagnosis>().Length];
    private bool _wasVaried;
    private double _closest = double.PositiveInfinity;

    /// <summary>Compares a model's pictures with the first of its data.</summary>
    /// <param name="recipe">The recipe that built the model.</param>
    /// <param name="model">The networks.</param>
    /// <param name="pack">Pictures that D judges together.</param>
    /// <param name="batches">The data.</param>
    /// <param name="picturesUsed">Pictures that training uses.</param>
    /// <param name="seed">The run's seed.</param>
    public CollapseDetector(Recipe recipe, GanModel model, int pack, Batches batches, int picturesUsed, ulong seed)
    {
        (_recipe, _model, _pack) = (recipe, model, pack);
        _stepsPerEpoch = batches.StepsPerEpoch;
        int n = Math.Min(Math.Clamp(picturesUsed / EpochsShare, FewestPictures, MostPictures), picturesUsed);
        _real = batches.Gather([.. Enumerable.Range(0, n)]);
        _noise = new Tensor(model.Device, new Shape(n, recipe.NoiseSize));
        recipe.DrawNoise(SeedStream.Watch.Of(seed), _noise);
        (_labelsOfReal, _labelsOfNoise) = (batches.GatherLabels([.. Enumerable.Range(0, n)]), model.LabelsInTurn(n));
        var distances = new PairwiseDistances(_real);
        (_realSpread, _realNearest) = (distances.Mean, distances.MeanToNearest);
    }

    /// <summary>The diagnoses of the last epoch.</summary>
    public Diagnosis[] Diagnoses => [.. Enum.GetValues<Diagnosis>().Where(Lasts)];

    /// <summary>Measures the networks, and judges them if an epoch is over.</summary>
    /// <param name="mean">The epoch's means, with the gradient norms of its last step.</param>
    /// <param name="epoch">The epoch, from 1; null for a part of one, which is measured but not judged.</param>
    public CollapseReport Look(MetricValues mean, int? epoch)
    {
        using Tensor shown = new(_model.Device, _real.Shape), sampled = new(_model.Device, _real.Shape);
        List<float> scoresOfReal = [], scoresOfFake = [];
        FiringUnits ofG = new(_model.Generator), ofDOnReal = new(_model.Discriminator), ofDOnFake = new(_model.Discriminator);
        var parts = GanModel.Parts(_model.Generator, _noise.Shape.Rows, _pack).ToList();
        shown.CopyFrom([.. parts.SelectMany(part => Shown(part.From, part.Count, ofG))]);
        foreach (var (from, count) in parts)
        {
            scoresOfReal.AddRange(Scores(_real, _labelsOfReal, from, count, ofDOnReal));
            scoresOfFake.AddRange(Scores(shown, _labelsOfNoise, from, count, ofDOnFake));
        }
        sampled.CopyFrom(_model.Sample(_noise, _recipe.SamplePass, _labelsOfNoise)); // as people see them
        PairwiseDistances among = new(shown), amongSampled = new(sampled);
        double across = PairwiseDistances.MeanAcross(_real, sampled);
        double variety = among.Mean / _realSpread, nearest = among.MeanToNearest / _realNearest;
        double energy = ((2 * across) - _realSpread - amongSampled.Mean) / _realSpread;
        double deadOfG = ofG.ShareOfDead, deadOfD = Math.Min(ofDOnReal.ShareOfDead, ofDOnFake.ShareOfDead);
        var diagnoses = epoch is { } whole ? Judge(mean, variety, nearest, energy, deadOfD, deadOfG, whole) : [];
        return new CollapseReport(variety, nearest, energy, deadOfD, deadOfG, diagnoses)
        {
            ScoresOfReal = scoresOfReal,
            ScoresOfFake = scoresOfFake,
        };
    }

    /// <summary>Saves or restores how long each sign has lasted.</summary>
    public void VisitState(IStateVisitor visitor)
    {
        foreach (var diagnosis in Enum.GetValues<Diagnosis>())
            _epochs[(int)diagnosis] = (int)visitor.VisitInt64($"watch.{NameOf(diagnosis)}", _epochs[(int)diagnosis]);
        _wasVaried = visitor.VisitInt64("watch.was_varied", _wasVaried ? 1 : 0) != 0;
        _closest = visitor.VisitDouble("watch.closest", _closest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _real.Dispose();
        _noise.Dispose();
        _labelsOfReal?.Dispose();
        _labelsOfNoise?.Dispose();
    }

    /// <summary>Returns a diagnosis's name in logs: `d_won`.</summary>
    public static string NameOf(Diagnosis diagnosis) => diagnosis switch
    {
        Diagnosis.DiscriminatorWon => "d_won",
        Diagnosis.DiscriminatorGaveUp => "d_gave_up",
        Diagnosis.GeneratorCollapsed => "g_collapsed",
        Diagnosis.DiscriminatorDead => "d_dead",
        _ => "g_dead",
    };

    /// <summary>Describes a diagnosis in a sentence.</summary>
    public static string Describe(Diagnosis diagnosis, MetricValues mean, CollapseReport report) => diagnosis switch
    {
        Diagnosis.DiscriminatorWon =>
            $"D has won: it was right about {100 * mean[Metric.AccuracyOnReal]:0.0} % of real pictures and "
            + $"{100 * mean[Metric.AccuracyOnFake]:0.0} % of generated ones, and G's pictures come no closer to real ones.",
        Diagnosis.DiscriminatorGaveUp =>
            $"D has given up: it takes {100 * mean[Metric.AccuracyOnReal]:0.0} % of real pictures and "
            + $"{100 * (1 - mean[Metric.AccuracyOnFake]):0.0} % of generated ones for real.",
        Diagnosis.GeneratorCollapsed =>
            $"G has collapsed to few pictures: they differ {report.Variety:0.00} times as much as real ones, and each has another within "
            + $"{report.NearestVariety:0.00} times the distance that real ones keep.",
        Diagnosis.DiscriminatorDead =>
            $"D is dead: its gradient is exactly zero{Silent(report.DeadUnitsOfD)}, so it never learns again.",
        _ =>
            $"G is dead: its gradient is exactly zero{Silent(report.DeadUnitsOfG)}, so it never learns again.",
    };

    private static string Silent(double share) => share > 0 ? $" and {100 * share:0} % of its ReLUs never fire" : "";

    private Diagnosis[] Judge(MetricValues mean, double variety, double nearest, double energy, double deadOfD, double deadOfG, int epoch)
    {
        // a hinge loss that is met, or a sigmoid at its end, gives D no gradient either, but G's goes on
        bool alive = mean[Metric.DiscriminatorGradientNorm] != 0 || (mean[Metric.GeneratorGradientNorm] != 0 && deadOfD != 1);
        Note(Diagnosis.DiscriminatorDead, !alive);
        Note(Diagnosis.GeneratorDead, mean[Metric.GeneratorGradientNorm] == 0 && (alive || deadOfG == 1)); // G's gradient comes through D
        // a G that comes closer learns from a D that is always right, too
        bool closer = energy < Closer * _closest;
        double least = Math.Min(mean[Metric.AccuracyOnReal], mean[Metric.AccuracyOnFake]);
        Note(Diagnosis.DiscriminatorWon, alive && !closer && least >= AlwaysRight);
        if (closer)
            _closest = energy;
        Note(Diagnosis.DiscriminatorGaveUp, alive && least <= HardlyEver);

        _wasVaried |= variety > Varied && nearest > NearVaried;
        bool hadTime = _wasVaried || (epoch >= EpochsToLearn && epoch * _stepsPerEpoch >= StepsToLearn);
        bool collapsed = variety < OnePicture || (hadTime && (variety < FewPictures || nearest < NearPictures));
        Note(Diagnosis.GeneratorCollapsed, collapsed && _real.Shape.Rows >= FewestPictures);
        return Diagnoses;
    }

    private void Note(Diagnosis diagnosis, bool seen) => _epochs[(int)diagnosis] = seen ? _epochs[(int)diagnosis] + 1 : 0;

    private bool Lasts(Diagnosis diagnosis)
    {
        bool certain = diagnosis is Diagnosis.DiscriminatorDead or Diagnosis.GeneratorDead;
        return _epochs[(int)diagnosis] >= EpochsToLast && (certain || _epochs[(int)diagnosis] * _stepsPerEpoch >= StepsToLast);
    }

    private Var Packed(Tape tape, Var pictures)
    {
        int pack = _pack, rows = pictures.Shape.Rows / pack;
        if (pack == 1)
            return pictures;
        // a few rows may be too many to fill a pack
        float[] values = pictures.Value.ToArray()[..(rows * pack * pictures.Shape.Columns)];
        var packed = tape.Scratch(new Shape(rows, pack * pictures.Shape.Columns));
        packed.Value.CopyFrom(values);
        return packed;
    }

    /// <summary>Makes pictures as D sees them in training.</summary>
    private float[] Shown(int from, int count, FiringUnits units)
    {
        // one tape after the other, in the same memory
        using (var tape = new Tape(_model.Device))
            units.See(GanModel.RowsOf(tape, _noise, from, count), PassOf(tape));
        using (var tape = new Tape(_model.Device))
            return _model.Generator.Forward(GanModel.RowsOf(tape, _noise, from, count), PassOf(tape)).Value.ToArray();

        Pass PassOf(Tape tape) => new(BatchStatistics: true, Labels: _model.Conditions(tape, _labelsOfNoise, from, count));
    }

    /// <summary>Returns D's outputs, the first column: others name classes.</summary>
    private float[] Scores(Tensor pictures, Tensor? labels, int from, int count, FiringUnits units)
    {
        using var tape = new Tape(_model.Device);
        var packed = Packed(tape, GanModel.RowsOf(tape, pictures, from, count));
        if (packed.Shape.Rows == 0)
            return [];
        var pass = Pass.Inference with { Labels = _model.Conditions(tape, labels, from, count) };
        units.See(packed, pass);
        var logits = _model.Discriminator.Forward(packed, pass with { Detached = true }).Value;
        int columns = logits.Shape.Columns;
        return [.. logits.ToArray().Where((_, i) => i % columns == 0)];
    }

    /// <summary>The ReLUs of a network that fire for some row, of feature maps those of a channel as one.</summary>
    /// <param name="network">The network.</param>
    private sealed class FiringUnits(Sequential network)
    {
        private readonly bool[]?[] _fires = new bool[network.Layers.Count][];

        /// <summary>The share of them that were 0 for every row; NaN if there is none, or was no row.</summary>
        public double ShareOfDead
        {
            get
            {
                bool[] all = [.. _fires.OfType<bool[]>().SelectMany(units => units)];
                return (double)all.Count(fires => !fires) / all.Length;
            }
        }

        /// <summary>Notes which fire for these rows.</summary>
        public void See(Var x, Pass pass)
        {
            if (x.Shape.Rows == 0 || !network.Layers.Any(IsRelu))
                return;
            for (int layer = 0; layer < network.Layers.Count; layer++)
            {
                x = network.Layers[layer].Forward(x, pass);
                if (!IsRelu(network.Layers[layer]))
                    continue;
                float[] values = x.Value.ToArray();
                int columns = x.Shape.Columns;
                var fires = _fires[layer] ??= new bool[columns];
                for (int i = 0; i < values.Length; i++)
                    fires[i % columns] |= values[i] > 0;
            }
        }

        private static bool IsRelu(Module layer) =>
            layer.Specs is [.., { Activation: { } last }] && last == ActivationSpec.Of(default(Relu));
    }
}

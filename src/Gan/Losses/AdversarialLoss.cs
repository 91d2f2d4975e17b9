using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Losses;

// x[N,1]: D's outputs on reals; f[N,1]: on fakes; t[N,1]: labels, 1 for real and 0 for fake unless they are smoothed or flipped

/// <summary>
/// What D and G play for: each one's loss as a function of D's outputs, which nothing squashes. A new loss is one class here and its line in <see cref="All"/>.
/// </summary>
public abstract class AdversarialLoss
{
    /// <summary>All losses, in the order of the help.</summary>
    public static IReadOnlyList<AdversarialLoss> All { get; } =
        [new Bce(), new Saturating(), new LeastSquares(), new Wasserstein(), new WassersteinPenalised(), new Hinge(), new Relativistic()];

    /// <summary>Binary cross-entropy, which the five documents use.</summary>
    public static AdversarialLoss Default => All[0];

    /// <summary>The name that `--loss` takes.</summary>
    public abstract string Name { get; }

    /// <summary>D's loss, as text.</summary>
    public abstract string OfD { get; }

    /// <summary>G's loss, as text.</summary>
    public abstract string OfG { get; }

    /// <summary>Whether D learns labels, which can be smoothed and flipped.</summary>
    public virtual bool HasLabels => false;

    /// <summary>Whether G's loss is about reals too.</summary>
    public virtual bool GeneratorSeesReals => false;

    /// <summary>What D's weights are clipped to unless something else bounds its slope, or null.</summary>
    public virtual float? WeightClip => null;

    /// <summary>The weight of the penalty that pulls D's slope to 1, unless another is given.</summary>
    public virtual float GradientPenalty => 0f;

    /// <summary>D's updates for one of G's, unless another number is given.</summary>
    public virtual int DiscriminatorSteps => 1;

    /// <summary>D's loss.</summary>
    /// <param name="x">D's outputs on reals.</param>
    /// <param name="f">On fakes.</param>
    /// <param name="labelsOfReals">What D should learn of the reals, if the loss <see cref="HasLabels"/>.</param>
    /// <param name="labelsOfFakes">Of the fakes.</param>
    public abstract Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes);

    /// <summary>G's loss.</summary>
    /// <param name="f">D's outputs on what G made.</param>
    /// <param name="x">D's outputs on reals, if <see cref="GeneratorSeesReals"/>.</param>
    public abstract Var OfGenerator(Var f, Var? x);

    /// <summary>Numbers that are above 0 where D takes pictures for real.</summary>
    /// <param name="of">Its outputs on them.</param>
    /// <param name="beside">Its outputs on as many of the other kind.</param>
    public virtual Var Realness(Var of, Var beside) => of;

    /// <summary>The loss with this name.</summary>
    /// <exception cref="GanException">There is none (usage).</exception>
    public static AdversarialLoss Find(string name) => All.FirstOrDefault(loss => loss.Name == name) ?? throw new GanException(
        ExitCode.Usage, $"--loss: there is no loss '{name}'. Known are: {string.Join(", ", All.Select(loss => loss.Name))}.");

    private static Var CrossEntropy(Var output, Var labels) => output.Softplus().Subtract(output.Multiply(labels)).Mean();

    /// <summary>Goodfellow et al. (2014): cross-entropy, and for G the one with the label of a real, whose gradient stays when D wins.</summary>
    private class Bce : AdversarialLoss
    {
        public override string Name => "bce";

        public override string OfD => "BCE(real, 1) + BCE(fake, 0)";

        public override string OfG => "BCE(fake, 1)";

        public override bool HasLabels => true;

        public override Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes) =>
            CrossEntropy(x, labelsOfReals!).Add(CrossEntropy(f, labelsOfFakes!));

        public override Var OfGenerator(Var f, Var? x) => f.BceWithLogits(1f);
    }

    /// <summary>Goodfellow et al. (2014), their minimax game: G climbs D's loss, and stands still where D is sure.</summary>
    private sealed class Saturating : Bce
    {
        public override string Name => "saturating";

        public override string OfG => "-BCE(fake, 0)";

        public override Var OfGenerator(Var f, Var? x) => f.BceWithLogits(0f).Scale(-1f);
    }

    /// <summary>Mao et al. (2017), LSGAN: squares instead of logarithms, with labels 1 and 0.</summary>
    private sealed class LeastSquares : AdversarialLoss
    {
        public override string Name => "lsgan";

        public override string OfD => "0.5 · mean((D(real) - 1)²) + 0.5 · mean(D(fake)²)";

        public override string OfG => "0.5 · mean((D(fake) - 1)²)";

        public override bool HasLabels => true;

        public override Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes) =>
            x.Subtract(labelsOfReals!).Square().Mean().Add(f.Subtract(labelsOfFakes!).Square().Mean()).Scale(0.5f);

        public override Var OfGenerator(Var f, Var? x) => f.Offset(-1f).Square().Mean().Scale(0.5f);

        public override Var Realness(Var of, Var beside) => of.Offset(-0.5f);
    }

    /// <summary>Arjovsky et al. (2017): the distance that it takes to carry one distribution to the other, while D's weights are clipped to ±0.01.</summary>
    private class Wasserstein : AdversarialLoss
    {
        public override string Name => "wgan";

        public override string OfD => "mean(D(fake)) - mean(D(real))";

        public override string OfG => "-mean(D(fake))";

        public override float? WeightClip => 0.01f;

        public override int DiscriminatorSteps => 5;

        public override Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes) => f.Mean().Subtract(x.Mean());

        public override Var OfGenerator(Var f, Var? x) => f.Mean().Scale(-1f);

        // such a D has no zero of its own: it judges a pair
        public override Var Realness(Var of, Var beside) => of.Subtract(beside);
    }

    /// <summary>Gulrajani et al. (2017): the same distance, with a penalty on slopes other than 1 in the clipping's place.</summary>
    private sealed class WassersteinPenalised : Wasserstein
    {
        public override string Name => "wgan-gp";

        public override float? WeightClip => null;

        public override float GradientPenalty => 10f;
    }

    /// <summary>Lim and Ye (2017): D need not be surer than 1.</summary>
    private sealed class Hinge : AdversarialLoss
    {
        public override string Name => "hinge";

        public override string OfD => "mean(max(0, 1 - D(real))) + mean(max(0, 1 + D(fake)))";

        public override string OfG => "-mean(D(fake))";

        public override Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes) =>
            x.Map(new Affine(-1f, 1f)).Relu().Mean().Add(f.Offset(1f).Relu().Mean());

        public override Var OfGenerator(Var f, Var? x) => f.Mean().Scale(-1f);
    }

    /// <summary>
    /// Jolicoeur-Martineau (2019), the pairwise form; with R1 and R2 it is R3GAN's (Huang et al., 2024). D says by how much a real looks more real than a fake,
    /// so that G gains nothing by giving up a mode.
    /// </summary>
    private sealed class Relativistic : AdversarialLoss
    {
        public override string Name => "relativistic";

        public override string OfD => "mean(softplus(-(D(real) - D(fake))))";

        public override string OfG => "mean(softplus(-(D(fake) - D(real))))";

        public override bool GeneratorSeesReals => true;

        public override Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes) => x.Subtract(f).BceWithLogits(1f);

        public override Var OfGenerator(Var f, Var? x) => f.Subtract(x!).BceWithLogits(1f);

        public override Var Realness(Var of, Var beside) => of.Subtract(beside);
    }
}

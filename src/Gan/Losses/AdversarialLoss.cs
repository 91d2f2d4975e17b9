using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Losses;

// x[N,1]: D's outputs on real pictures; f[N,1]: on generated ones; t[N,1]: labels, 1 for real and 0 for fake unless smoothed or flipped

/// <summary>
/// An adversarial loss: D's and G's losses as functions of D's outputs, before any sigmoid. A new loss is one class here and its line in
/// <see cref="All"/>.
/// </summary>
public abstract class AdversarialLoss
{
    /// <summary>All losses, in the order of the help.</summary>
    public static IReadOnlyList<AdversarialLoss> All { get; } =
    [
        new Bce(),
        new Saturating(),
        new LeastSquares(),
        new Wasserstein(),
        new WassersteinPenalised(),
        new Hinge(),
        new Relativistic(),
    ];

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

    /// <summary>Whether G's loss needs D's outputs on real pictures.</summary>
    public virtual bool GeneratorSeesReals => false;

    /// <summary>The bound of D's weights, unless a regulariser bounds D's gradient; null: none.</summary>
    public virtual float? WeightClip => null;

    /// <summary>The default weight of the gradient penalty.</summary>
    public virtual float GradientPenalty => 0f;

    /// <summary>The default number of D's updates for one of G's.</summary>
    public virtual int DiscriminatorSteps => 1;

    /// <summary>Computes D's loss.</summary>
    /// <param name="x">D's outputs on real pictures.</param>
    /// <param name="f">D's outputs on generated pictures.</param>
    /// <param name="labelsOfReals">The labels of the real pictures, if the loss <see cref="HasLabels"/>.</param>
    /// <param name="labelsOfFakes">The labels of the generated ones.</param>
    public abstract Var OfDiscriminator(Var x, Var f, Var? labelsOfReals, Var? labelsOfFakes);

    /// <summary>Computes G's loss.</summary>
    /// <param name="f">D's outputs on generated pictures.</param>
    /// <param name="x">D's outputs on real pictures, if <see cref="GeneratorSeesReals"/>.</param>
    public abstract Var OfGenerator(Var f, Var? x);

    /// <summary>Computes numbers that are above 0 for pictures that D takes for real.</summary>
    /// <param name="of">D's outputs on them.</param>
    /// <param name="beside">D's outputs on as many pictures of the other kind.</param>
    public virtual Var Realness(Var of, Var beside) => of;

    /// <summary>Returns the loss with a name.</summary>
    /// <exception cref="GanException">Usage: there is none.</exception>
    public static AdversarialLoss Find(string name) => All.FirstOrDefault(loss => loss.Name == name) ?? throw new GanException(
        ExitCode.Usage, $"--loss: there is no loss '{name}'. Known are: {string.Join(", ", All.Select(loss => loss.Name))}.");

    private static Var CrossEntropy(Var output, Var labels) => output.Softplus().Subtract(output.Multiply(labels)).Mean();

    /// <summary>Goodfellow et al. (2014): cross-entropy; G's is the non-saturating one, against the label of a real picture.</summary>
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

    /// <summary>Goodfellow et al. (2014), the minimax game: G maximises D's loss, and its gradient vanishes where D is sure.</summary>
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

    /// <summary>Arjovsky et al. (2017), WGAN: the earth mover's distance, with D's weights clipped to ±0.01.</summary>
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

    /// <summary>Gulrajani et al. (2017), WGAN-GP: a penalty on gradient norms other than 1 instead of clipping.</summary>
    private sealed class WassersteinPenalised : Wasserstein
    {
        public override string Name => "wgan-gp";

        public override float? WeightClip => null;

        public override float GradientPenalty => 10f;
    }

    /// <summary>Lim and Ye (2017): the hinge loss, in which D need not be surer than 1.</summary>
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
    /// Jolicoeur-Martineau (2019), the pairwise form; with R1 and R2 it is R3GAN's (Huang et al., 2024). D compares a real picture with a
    /// generated one, so G gains nothing by dropping a mode.
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

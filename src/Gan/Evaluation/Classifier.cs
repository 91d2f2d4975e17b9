using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

// pictures[N,H·W·C] features[N,64] logits[N,classes]

/// <summary>
/// A small network that classifies the pictures of a data set. Metrics compare pictures by the features of its last hidden layer, which
/// depend on the class of a picture more than on noise in its pixels. Features are normalised over the training pictures, so that their
/// distances have about the same scale for every data set. Each class has an independent probability; they need not add up to 1. Pictures
/// larger than 32x32 are reduced to that.
/// </summary>
internal sealed class Classifier : IFeatureExtractor
{
    /// <summary>Number of features: few enough for some hundreds of pictures to have a covariance of full rank.</summary>
    public const int Features = 64;

    private const float Keep = 0.8f, Momentum = 0.9f;
    private const int BatchSize = 500;
    private static readonly LeakyRelu Leaky = new(0.1f);
    private readonly Device _device;
    private readonly int _classes;

    /// <summary>Makes an untrained classifier.</summary>
    /// <param name="device">The device of its weights.</param>
    /// <param name="shape">The shape of the pictures.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="random">Draws the weights.</param>
    public Classifier(Device device, PictureShape shape, int classes, RandomStream random)
    {
        (_device, _classes) = (device, classes);
        var make = new LayerFactory(device, Init.GlorotUniform, random);
        Network = new Sequential(
            make.Linear(SmallPictures.Shape(shape).Length, 512, Leaky), make.BatchNorm(512, Momentum), new Dropout(Keep),
            make.Linear(512, 256, Leaky), make.BatchNorm(256, Momentum), new Dropout(Keep),
            make.Linear(256, Features, Leaky), make.BatchNorm(Features, Momentum),
            make.Linear(Features, classes));
    }

    /// <summary>The network, from pictures to logits.</summary>
    public Sequential Network { get; }

    /// <inheritdoc/>
    public int Width => Features;

    /// <summary>All parameters and statistics.</summary>
    public IEnumerable<Parameter> State => Network.Parameters.Concat(Network.Statistics);

    /// <inheritdoc/>
    public PictureFeatures Extract(ImageBytes pictures)
    {
        var small = SmallPictures.Of(pictures);
        int n = small.Count;
        var features = new float[n * Features];
        var classes = new byte[n];
        var confidences = new float[n];
        for (int from = 0; from < n; from += BatchSize)
        {
            int[] some = [.. Enumerable.Range(from, Math.Min(BatchSize, n - from))];
            using var batch = small.Batch(_device, some);
            using var tape = new Tape(_device);
            var last = tape.Constant(batch);
            foreach (var layer in Network.Layers.SkipLast(1))
                last = layer.Forward(last, Pass.Inference);
            last.Value.CopyTo(features.AsSpan(from * Features, some.Length * Features));
            float[] probabilities = Network.Layers[^1].Forward(last, Pass.Inference).Sigmoid().Value.ToArray();
            for (int i = 0; i < some.Length; i++)
            {
                var row = probabilities.AsSpan(i * _classes, _classes);
                int best = 0;
                for (int c = 1; c < _classes; c++)
                    best = row[c] > row[best] ? c : best;
                classes[from + i] = (byte)best;
                confidences[from + i] = row[best];
            }
        }
        return new PictureFeatures(n, features, classes, confidences);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in State)
            parameter.Value.Dispose();
    }
}

/**
 * Machine learning in plans and commands: which of Spark's estimators, transformers, evaluators and models may be named,
 * and what may be asked of a model. A transformer whose statement is SQL text is not here, nor anything that takes a path.
 */
import { GovernanceError } from '../../errors.js';
import { caseOf, type PlanMessage, textOf } from './message.js';
import { notAllowed } from './require-allowed.js';

const lists = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .trim()
      .split(/\n\s*/)
      .flatMap((line) => {
        const [room = '', ...names] = line.split(/\s+/);
        return names.map((name) => `org.apache.spark.ml.${room}.${name}`);
      }),
  );

export const ESTIMATORS = lists(`
  classification NaiveBayes LinearSVC LogisticRegression FMClassifier MultilayerPerceptronClassifier
  classification DecisionTreeClassifier RandomForestClassifier GBTClassifier
  regression AFTSurvivalRegression IsotonicRegression LinearRegression GeneralizedLinearRegression FMRegressor
  regression DecisionTreeRegressor RandomForestRegressor GBTRegressor
  clustering KMeans BisectingKMeans GaussianMixture LDA
  recommendation ALS
  fpm FPGrowth
  feature QuantileDiscretizer RFormula Imputer StandardScaler MaxAbsScaler MinMaxScaler RobustScaler ChiSqSelector
  feature UnivariateFeatureSelector VarianceThresholdSelector StringIndexer VectorIndexer PCA IDF Word2Vec
  feature CountVectorizer OneHotEncoder TargetEncoder BucketedRandomProjectionLSH MinHashLSH`);

export const TRANSFORMERS = lists(`
  feature DCT NGram Normalizer Interaction Binarizer Bucketizer VectorAssembler VectorSlicer VectorSizeHint Tokenizer
  feature RegexTokenizer StopWordsRemover FeatureHasher ElementwiseProduct HashingTF IndexToString PolynomialExpansion`);

export const EVALUATORS = lists(`
  evaluation BinaryClassificationEvaluator ClusteringEvaluator MulticlassClassificationEvaluator
  evaluation MultilabelClassificationEvaluator RankingEvaluator RegressionEvaluator`);

export const MODELS = lists(`
  classification NaiveBayesModel LinearSVCModel LogisticRegressionModel FMClassificationModel
  classification MultilayerPerceptronClassificationModel DecisionTreeClassificationModel
  classification RandomForestClassificationModel GBTClassificationModel
  regression AFTSurvivalRegressionModel IsotonicRegressionModel LinearRegressionModel GeneralizedLinearRegressionModel
  regression FMRegressionModel DecisionTreeRegressionModel RandomForestRegressionModel GBTRegressionModel
  clustering KMeansModel BisectingKMeansModel GaussianMixtureModel DistributedLDAModel LocalLDAModel
  recommendation ALSModel
  fpm FPGrowthModel
  feature RFormulaModel ImputerModel StandardScalerModel MaxAbsScalerModel MinMaxScalerModel RobustScalerModel
  feature ChiSqSelectorModel UnivariateFeatureSelectorModel VarianceThresholdSelectorModel StringIndexerModel
  feature VectorIndexerModel PCAModel IDFModel Word2VecModel CountVectorizerModel OneHotEncoderModel
  feature TargetEncoderModel BucketedRandomProjectionLSHModel MinHashLSHModel`);

/** What a model and its summary answer: numbers, labels, and rows made from the governed rows it was trained on. */
const ATTRIBUTES = new Set(
  `accuracy aic approxNearestNeighbors approxSimilarityJoin areaUnderROC associationRules boundaries categoryMapsDF
   categorySizes clusterCenterMatrix clusterSizes cluster coefficientMatrix coefficientStandardErrors coefficients
   computeCost degreesOfFreedom depth describeTopics deviance devianceResiduals dispersion docFreq
   estimatedDocConcentration evaluate evaluateEachIteration explainedVariance fMeasureByLabel fMeasureByThreshold factors
   falsePositiveRateByLabel featureImportances featuresCol findSynonyms freqItemsets gaussiansDF getNumTrees getSplits
   getSplitsArray getVectors hasSummary idf intercept interceptVector isDistributed itemFactors k labelCol labels
   labelsArray linear logLikelihood logPerplexity logPrior maxAbs mean meanAbsoluteError meanSquaredError median
   nullDeviance numClasses numDocs numFeatures numInstances numIter numIterations numNodes objectiveHistory originalMax
   originalMin pValues pc pi pr precisionByLabel precisionByThreshold predict predictLeaf predictProbability
   predictQuantiles predictRaw predictionCol predictions probability probabilityCol r2 r2adj range rank recallByLabel
   recallByThreshold recommendForAllItems recommendForAllUsers recommendForItemSubset recommendForUserSubset
   residualDegreeOfFreedom residualDegreeOfFreedomNull residuals resolvedFormulaString roc rootMeanSquaredError scale
   scoreCol selectedFeatures sigma solver std summary surrogateDF tValues theta toDebugString toString topicsMatrix
   totalIterations totalNumNodes trainingCost trainingLogLikelihood treeWeights truePositiveRateByLabel userFactors
   vocabSize vocabulary weightCol weightedFMeasure weightedFalsePositiveRate weightedPrecision weightedRecall
   weightedTruePositiveRate weights`.split(/\s+/),
);

/** Asked of no model. */
export const ML_HELPER = '______ML_CONNECT_HELPER______';
const HELPER_ATTRIBUTES = new Set(
  `chiSquareTest correlation kolmogorovSmirnovTest powerIterationClusteringAssignClusters
   prefixSpanFindFrequentSequentialPatterns stopWordsRemoverGetDefaultOrUS
   stopWordsRemoverLoadDefaultStopWords`.split(/\s+/),
);

const UID = /^[A-Za-z0-9_]{0,100}$/;
const PARAM = /^[A-Za-z][A-Za-z0-9]{0,60}$/;

export function requireOperator(operator: PlanMessage, allowed: ReadonlySet<string>): void {
  const name = textOf(operator, 'name');
  if (!allowed.has(name)) {
    throw notAllowed(
      `The operator ${JSON.stringify(name.slice(-60))}`,
      'docs/how-to/ml.md lists what can be used; a statement of SQL can be run with spark.sql instead.',
    );
  }
  if (!UID.test(textOf(operator, 'uid'))) throw notAllowed('A uid like this');
}

export function requireParams(params: PlanMessage): void {
  const wrong = Object.keys((params.params ?? {}) as object).find((name) => !PARAM.test(name));
  if (wrong !== undefined) throw notAllowed('A parameter of such a name');
}

/** Of a model, or of the helper that stands for none. */
export function requireAttributes(fetch: PlanMessage): void {
  const helper = modelIdOf(fetch) === ML_HELPER;
  for (const method of fetch.methods as readonly PlanMessage[]) {
    const name = textOf(method, 'method');
    if ((helper ? HELPER_ATTRIBUTES : ATTRIBUTES).has(name)) continue;
    throw notAllowed(
      `The attribute ${JSON.stringify(name.slice(0, 60))} of a model`,
      'docs/how-to/ml.md says what passes.',
    );
  }
}

export const modelIdOf = (message: PlanMessage): string =>
  textOf((message.objRef ?? {}) as PlanMessage, 'id');

/** The model that a relation uses; undefined: none. */
export function modelIn(mlRelation: PlanMessage): string | undefined {
  const { case: kind, value } = caseOf(mlRelation, 'mlType');
  if (kind === 'fetch') return modelIdOf(value);
  const operator = caseOf(value, 'operator');
  return operator.case === 'objRef' ? textOf(operator.value, 'id') : undefined;
}

export const noSuchModel = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such model, or policies have changed since it was trained.', {
    remedy: 'Train it again, or load it if it was saved.',
    sqlState: '42K04',
  });
